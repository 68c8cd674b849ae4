/** The mesh of another stack, as workloads of this one need to know it. */
import * as pulumi from "@pulumi/pulumi";
import type { CertificateSummary, MeshPorts, MeshRef } from "./index.ts";

/**
 * The outputs of a mesh stack, typed.
 *
 * ```ts
 * const mesh = new MeshReference("acme/linkerd-mesh/prod");
 * new MeshedDeployment("web", { spec, mesh: { ref: mesh } });
 * ```
 *
 * One for a program: a second one of the same stack would be the same resource.
 *
 * A stack that is not there fails the update, and so does reading an output that the stack's release did not
 * write yet: each with one sentence.
 */
export class MeshReference implements MeshRef {
  readonly #reference: pulumi.StackReference;
  readonly #stack: string;

  /**
   * @param stack the mesh's stack, `<organization>/<project>/<stack>`; with a self-managed backend the
   *   organization is `organization`
   */
  constructor(stack: string, opts?: pulumi.CustomResourceOptions) {
    if (!/^[^/]+\/[^/]+\/[^/]+$/.test(stack)) {
      throw new pulumi.RunError(
        `The mesh's stack: expected <organization>/<project>/<stack>, e.g. "acme/linkerd-mesh/prod"; ` +
          `given ${JSON.stringify(stack)}. \`pulumi stack ls --all\` lists the stacks there are.`,
      );
    }
    this.#reference = new pulumi.StackReference(stack, {}, opts);
    this.#stack = stack;
  }

  /** Linkerd's version, e.g. `edge-26.8.3`. */
  get linkerdVersion(): pulumi.Output<string> {
    return this.#output("linkerdVersion");
  }

  /** The trust anchor, PEM. */
  get trustAnchorPem(): pulumi.Output<string> {
    return this.#output("trustAnchorPem");
  }

  /** SHA-256 of the trust anchor (DER), lower-case hex. */
  get trustAnchorSha256(): pulumi.Output<string> {
    return this.#output("trustAnchorSha256");
  }

  /** SHA-256 of the bundle of trust anchors, lower-case hex; empty where cert-manager keeps the anchors. */
  get trustBundleSha256(): pulumi.Output<string> {
    return this.#output("trustBundleSha256", async (found) => {
      const anchor = await this.#reference.getOutputDetails("trustAnchorPem");
      return isAbsent(found) && isAbsent(anchor) ? { value: "" } : found;
    });
  }

  /** The port lists of its proxies. */
  get ports(): pulumi.Output<MeshPorts> {
    return this.#output("ports");
  }

  /** Every certificate of the mesh and when it ends. */
  get certificates(): pulumi.Output<CertificateSummary[]> {
    return this.#output("certificates");
  }

  /** Read when asked for, so that an output which an older stack lacks is missed only by who needs it. */
  #output<T>(
    name: string,
    amend: (found: Details) => Promise<Details> = async (found) => found,
  ): pulumi.Output<T> {
    const value = async () =>
      meshOutput(this.#stack, name, await amend(await this.#reference.getOutputDetails(name)));
    return pulumi.output(value()) as pulumi.Output<T>;
  }
}

type Details = pulumi.StackReferenceOutputDetails;

function isAbsent({ value, secretValue }: Details): boolean {
  return value === undefined && secretValue === undefined;
}

/** The value of an output, secret if it was one; throws a `RunError` where the stack has none of that name. */
export function meshOutput(stack: string, name: string, found: Details): unknown {
  if (found.secretValue !== undefined) return pulumi.secret(found.secretValue);
  if (found.value !== undefined) return found.value;
  throw new pulumi.RunError(
    `The stack "${stack}" has no output "${name}": it is not a mesh of linkerd-mesh, or was last updated by a ` +
      `release that did not write that yet. Update linkerd-mesh there and run: pulumi up --stack ${stack}`,
  );
}
