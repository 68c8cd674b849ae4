/** Names of resources, as a reader of the cluster knows them. */
import { RELEASE } from "../objects/program-resource.ts";
import { readFields } from "../objects/workloads.ts";
import type { Step } from "./operation.ts";

/**
 * The name of a resource: `Secret linkerd/linkerd-identity-issuer` for an object of Kubernetes, `Release
 * linkerd/linkerd-viz` for a Helm release, and the type and the name in the program for any other.
 */
export function nameStep({
  type,
  name,
  before,
  after,
}: Pick<Step, "type" | "name" | "before" | "after">): string {
  const kind = type.split(":").at(-1) ?? type;
  const state = after ?? before ?? {};
  if (!type.startsWith("kubernetes:")) return `${kind} ${name}`;
  const { name: object, namespace } = type === RELEASE ? state : readFields(state, "metadata");
  const own = typeof object === "string" ? object : name;
  return typeof namespace === "string" ? `${kind} ${namespace}/${own}` : `${kind} ${own}`;
}

/** Whether a step is about an object in a cluster, and not about a component, a key in the state or a provider. */
export function isInCluster({ type }: Pick<Step, "type">): boolean {
  return type.startsWith("kubernetes:");
}
