/** Reads the state that the last deployment of this stack left. */
import * as pulumi from "@pulumi/pulumi";

/** A resource in the state: its type, and its outputs with secrets in plain text. */
export interface StateResource {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the outputs depend on the resource's type
  outputs: any;
}

/** A stack's resources by URN; empty if the stack was never deployed. */
export type DeployedState = Readonly<Record<string, StateResource>>;

/**
 * Reads the state as it was before this deployment. Call it before anything is registered.
 *
 * There are two other ways, and neither works. A resource hook gets the old inputs of an update but not of a replacement
 * (`before_create` has none), and it runs after other resources have changed (pulumi v3.256,
 * pkg/resource/deploy/step.go). A StackReference to the stack itself is a resource of its own, shown as `read: 1` in
 * every summary, and it returns stack outputs, which are older than the cluster after an interrupted `up`. The engine's
 * invoke below (pkg/resource/deploy/builtins.go) reads the resources themselves. Observed: it returns what an
 * interrupted `up` created, and nothing for a stack that was never deployed, in previews and in `up --skip-preview`.
 */
export async function readDeployedState(): Promise<DeployedState> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs } = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return outputs ?? {};
}

/** The outputs of every Helm release in a state. */
export function releasesIn(state: DeployedState): StateResource["outputs"][] {
  return Object.values(state)
    .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
    .map(({ outputs }) => outputs);
}
