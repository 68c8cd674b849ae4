/** The mesh of another stack, for the workloads of this one. */
import * as pulumi from "@pulumi/pulumi";
import type { CertificateSummary } from "./certificates/report.ts";
import { formatValue, ValidationError } from "./inputs/validation.ts";
import type { InboundPolicy } from "./linkerd/values/mesh-settings.ts";
import type { MeshPorts } from "./linkerd/values/ports.ts";
import type { MeshRef } from "./meshing/mesh-options.ts";

/**
 * The outputs of a mesh stack, with types.
 *
 * ```ts
 * const mesh = new MeshReference("acme/linkerd-mesh/prod");
 * new MeshedDeployment("web", { spec, mesh: { ref: mesh } });
 * ```
 *
 * It is not a resource itself, so a program may create any number of them. References to one stack with the same
 * options share one `pulumi.StackReference`.
 *
 * A stack that does not exist fails the update. Reading an output that the stack does not have fails the resources
 * that use it.
 */
export class MeshReference implements MeshRef {
  readonly #reference: pulumi.StackReference;
  readonly #stack: string;

  /**
   * @param stack the stack of the mesh, `<organization>/<project>/<stack>`; with a self-managed backend, the
   *   organization is `organization`
   * @param opts options of the `pulumi.StackReference`
   */
  constructor(stack: string, opts: pulumi.CustomResourceOptions = {}) {
    if (!/^[^/]+\/[^/]+\/[^/]+$/.test(stack)) {
      throw new ValidationError("MeshReference", [
        {
          path: ["stack"],
          reason: 'must be <organization>/<project>/<stack>, e.g. "acme/linkerd-mesh/prod"',
          got: formatValue(stack),
          fixes: [{ kind: "instruction", text: "use a name from the output of pulumi stack ls --all" }],
        },
      ]);
    }
    this.#reference = shareStackReference(stack, opts);
    this.#stack = stack;
  }

  /** Linkerd version of the control plane, e.g. `edge-26.8.3`. */
  get linkerdVersion(): pulumi.Output<string> {
    return this.#output("linkerdVersion");
  }

  /** The trust anchor that signed the issuer, PEM. The stack has none if cert-manager manages it. */
  get trustAnchorPem(): pulumi.Output<string> {
    return this.#output("trustAnchorPem");
  }

  /** SHA-256 of that trust anchor (DER), lower-case hex. The stack has none if cert-manager manages it. */
  get trustAnchorSha256(): pulumi.Output<string> {
    return this.#output("trustAnchorSha256");
  }

  /** All trust anchors of the proxies, PEM; empty if trust-manager manages the bundle. */
  get trustBundlePem(): pulumi.Output<string> {
    return this.#output("trustBundlePem", { emptyWithoutAnchor: true });
  }

  /** SHA-256 of the set of trust anchors, lower-case hex; empty if trust-manager manages the bundle. */
  get trustBundleSha256(): pulumi.Output<string> {
    return this.#output("trustBundleSha256", { emptyWithoutAnchor: true });
  }

  /** The port lists of the proxies, to which workloads add theirs. */
  get ports(): pulumi.Output<MeshPorts> {
    return this.#output("ports");
  }

  /**
   * Who may connect to a meshed pod for which no policy exists. `undefined` if an older release of linkerd-mesh updated
   * the stack last.
   */
  get defaultInboundPolicy(): pulumi.Output<InboundPolicy | undefined> {
    const read = async () => {
      const found = await this.#reference.getOutputDetails("defaultInboundPolicy");
      return isAbsent(found) ? undefined : meshOutput(this.#stack, "defaultInboundPolicy", found);
    };
    return pulumi.output(read()) as pulumi.Output<InboundPolicy | undefined>;
  }

  /** All certificates of the mesh, soonest expiry first, except those that cert-manager manages. */
  get certificates(): pulumi.Output<CertificateSummary[]> {
    return this.#output("certificates");
  }

  /** Reads an output on demand, so that one that an older stack lacks fails only the programs that use it. */
  #output<T>(name: string, { emptyWithoutAnchor = false } = {}): pulumi.Output<T> {
    const read = async () => {
      const found = await this.#reference.getOutputDetails(name);
      if (emptyWithoutAnchor && isAbsent(found)) {
        const anchor = await this.#reference.getOutputDetails("trustAnchorPem");
        if (isAbsent(anchor)) return "";
      }
      return meshOutput(this.#stack, name, found);
    };
    return pulumi.output(read()) as pulumi.Output<T>;
  }
}

type Details = pulumi.StackReferenceOutputDetails;

function isAbsent({ value, secretValue }: Details): boolean {
  return value === undefined && secretValue === undefined;
}

/** The value of an output, secret if the stack's output is. Throws a `RunError` if the stack has no such output. */
export function meshOutput(stack: string, name: string, found: Details): unknown {
  if (found.secretValue !== undefined) return pulumi.secret(found.secretValue);
  if (found.value !== undefined) return found.value;
  const isAnchor = name.startsWith("trustAnchor");
  throw new pulumi.RunError(
    `The stack "${stack}" has no output "${name}". It is not a mesh of linkerd-mesh, ` +
      `${isAnchor ? "cert-manager manages its trust anchor, " : ""}or an older release of linkerd-mesh updated it ` +
      `last. Fix: update linkerd-mesh in that stack, then run pulumi up --stack ${stack}`,
  );
}

/** A StackReference of this program, and its options. */
interface Shared {
  readonly opts: pulumi.CustomResourceOptions;
  readonly reference: pulumi.StackReference;
}

/** The StackReferences of each program, by stack. A process runs several programs with the Automation API. */
const programs = new WeakMap<object, Map<string, Shared[]>>();

/**
 * The program's StackReference for these arguments. Pulumi allows each resource name once, so the first reference to a
 * stack has the stack's name, and one with other options has a numbered name.
 */
function shareStackReference(stack: string, opts: pulumi.CustomResourceOptions): pulumi.StackReference {
  const program = pulumi.runtime.getMonitor() as object;
  const byStack = programs.get(program) ?? new Map<string, Shared[]>();
  programs.set(program, byStack);
  const shared = byStack.get(stack) ?? [];
  byStack.set(stack, shared);
  const existing = shared.find((each) => hasSameFields(each.opts, opts));
  if (existing) return existing.reference;
  const name = shared.length === 0 ? stack : `${stack}-${shared.length + 1}`;
  const reference = new pulumi.StackReference(name, { name: stack }, opts);
  shared.push({ opts, reference });
  return reference;
}

function hasSameFields(a: object, b: object): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key as keyof typeof a] === b[key as keyof typeof b]);
}
