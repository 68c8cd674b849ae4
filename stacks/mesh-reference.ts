/** The mesh of another stack, as workloads of this one need to know it. */
import * as pulumi from "@pulumi/pulumi";
import type { CertificateSummary } from "../components/certificates/certificate.ts";
import type { MeshInfo } from "../components/workloads/intent.ts";

/**
 * The outputs of a mesh stack, typed.
 *
 * ```ts
 * const mesh = new MeshReference("acme/linkerd-mesh/prod");
 * new MeshedDeployment("web", { spec, mesh: { from: mesh } });
 * ```
 *
 * A stack that cannot be read, or that was written by a release that did not know an output yet, fails the
 * update with one sentence.
 */
export class MeshReference implements MeshInfo {
  readonly #reference: pulumi.StackReference;
  readonly #stack: string;

  /**
   * @param stack the mesh's stack, `<organization>/<project>/<stack>`; with a self-managed backend the
   *   organization is `organization`
   */
  constructor(stack: string, opts?: pulumi.CustomResourceOptions) {
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

  /** SHA-256 of the bundle of trust anchors, lower-case hex. */
  get trustBundleSha256(): pulumi.Output<string> {
    return this.#output("trustBundleSha256");
  }

  /** Every certificate of the mesh and when it ends. */
  get certificates(): pulumi.Output<CertificateSummary[]> {
    return this.#output("certificates");
  }

  /** Read when asked for, so that an output which an older stack lacks is missed only by who needs it. */
  #output<T>(name: string): pulumi.Output<T> {
    const details = this.#reference.getOutputDetails(name).catch((error: Error) => {
      throw new pulumi.RunError(unreadable(this.#stack, error.message));
    });
    return pulumi.output(details.then((found) => meshOutput(this.#stack, name, found))) as pulumi.Output<T>;
  }
}

/** The value of an output, secret if it was one; throws a `RunError` where the stack has none of that name. */
export function meshOutput(stack: string, name: string, found: pulumi.StackReferenceOutputDetails): unknown {
  if (found.secretValue !== undefined) return pulumi.secret(found.secretValue);
  if (found.value !== undefined) return found.value;
  throw new pulumi.RunError(
    `The stack "${stack}" has no output "${name}": it is not a mesh of linkerd-mesh, or was last updated by a ` +
      `release that did not write that yet. Update linkerd-mesh there and run: pulumi up --stack ${stack}`,
  );
}

function unreadable(stack: string, reason: string): string {
  const cause = reason.split("\n")[0]?.replace(/^.*\[pulumi:pulumi:StackReference\]: /, "");
  return (
    `The mesh's stack "${stack}" cannot be read: ${cause}. Expected the name of a stack that ` +
    "`pulumi stack ls --all` lists, as <organization>/<project>/<stack>."
  );
}
