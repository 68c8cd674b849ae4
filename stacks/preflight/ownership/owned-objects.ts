/** What belongs to this stack, according to its state. */
import * as pulumi from "@pulumi/pulumi";
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import { fingerprint } from "../../../components/certificates/x509/pem.ts";
import type { DeployedState, StateResource } from "../../../components/deployed/deployed-state.ts";
import { releaseKey, toKey } from "./planned-objects.ts";

/** What belongs to a stack, according to its state. */
export interface Ownership {
  /** The stack, as `<organization>/<project>/<stack>`. */
  readonly stack: string;
  /**
   * Whether the state contains the mesh. Without it, this is the stack's first `up`: an object with its annotation
   * belongs to a stack of the same name in another backend, or to one whose state is lost.
   */
  readonly hasMesh: boolean;
  /** The keys of the objects in the state. */
  readonly keys: ReadonlySet<string>;
  /** SHA-256 of the trust anchors that this stack generated, lower-case hex. */
  readonly trustAnchors: ReadonlySet<string>;
}

/** The stack that runs, as `<organization>/<project>/<stack>`: the argument of `pulumi stack select`. */
export function currentStack(): string {
  return `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
}

/** Reads what belongs to the stack from its state and from the trust in it. */
export function readOwnership(stack: string, state: DeployedState, { anchors }: DeployedTrust): Ownership {
  const resources = Object.values(state);
  return {
    stack,
    hasMesh: resources.some(({ type }) => type === "linkerd-mesh:index:ServiceMesh"),
    keys: new Set(resources.map(objectKey).filter((key) => key !== undefined)),
    trustAnchors: new Set(Object.values(anchors).map(({ certPem }) => fingerprint(certPem))),
  };
}

/** The key of the object that a resource created: `kubernetes:<group>/<version>:<kind>` is its type. */
function objectKey({ type, outputs }: StateResource): string | undefined {
  if (type === "kubernetes:helm.sh/v3:Release") return releaseKey(outputs);
  const kind = /^kubernetes:[^:]+:(\w+)$/.exec(type)?.[1];
  return kind === undefined || !outputs.metadata ? undefined : toKey({ kind, ...outputs.metadata });
}
