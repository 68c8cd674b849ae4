/** What the last deployment of this stack left, read from its state. */
import * as pulumi from "@pulumi/pulumi";

/** A resource in the state: its type and what the provider said of it, secrets opened. */
export interface StateResource {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: outputs are whatever a resource's type says
  outputs: any;
}

/** A stack's resources by URN; empty where it was never deployed. */
export type DeployedState = Readonly<Record<string, StateResource>>;

/**
 * Reads the state as it was before this deployment, before anything is registered.
 *
 * Three ways lead there. A resource hook is told the old inputs of an update but not of a replacement
 * (`before_create` has none), and runs when other resources have changed already (pulumi v3.256,
 * pkg/resource/deploy/step.go). A StackReference to the stack itself is a resource of its own, seen as `read: 1` in
 * every summary, and tells outputs, which an `up` that broke off leaves behind the cluster. The engine's invoke
 * below (pkg/resource/deploy/builtins.go) reads the resources themselves: seen to tell what a broken `up` made, and
 * nothing for a stack that was never deployed, in preview and in `up --skip-preview` alike.
 */
export async function readDeployedState(): Promise<DeployedState> {
  const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { outputs } = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
  return outputs ?? {};
}

/** What the providers said of every Helm release in a state. */
export function releasesIn(state: DeployedState): StateResource["outputs"][] {
  return Object.values(state)
    .filter(({ type }) => type === "kubernetes:helm.sh/v3:Release")
    .map(({ outputs }) => outputs);
}
