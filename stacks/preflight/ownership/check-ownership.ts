/** The check of ownership, before the first change. */
import * as pulumi from "@pulumi/pulumi";
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import type { DeployedState } from "../../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import { ClusterError, openCluster } from "../../cluster/cluster.ts";
import type { StackConfig } from "../../cluster/kubeconfig.ts";
import { type FoundObjects, readFoundObjects } from "./found-objects.ts";
import { currentStack, readOwnership } from "./owned-objects.ts";
import { findOwnershipIssues } from "./ownership.ts";
import { type OwnershipSettings, planObjects, planWithout } from "./planned-objects.ts";

/** The result of a check. */
export interface OwnershipReport {
  readonly issues: readonly ValidationIssue[];
  readonly warnings: readonly string[];
}

/**
 * Compares the objects that the program would create with the cluster, and finds those that do not belong to this stack.
 * A stack whose state contains all objects makes no call. In a preview, a cluster that cannot be read causes a warning;
 * `up` requires the check.
 */
export async function checkOwnership(
  settings: OwnershipSettings,
  state: DeployedState,
  deployed: DeployedTrust,
  config: StackConfig,
): Promise<OwnershipReport> {
  const ownership = readOwnership(currentStack(), state, deployed);
  const plan = planWithout(planObjects(settings), ownership.keys);
  if (plan === undefined) return { issues: [], warnings: [] };
  let found: FoundObjects;
  try {
    found = await readFoundObjects(await openCluster(config), plan, settings.installGatewayApi);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return pulumi.runtime.isDryRun()
      ? { issues: [], warnings: [formatWarning(error.message)] }
      : { issues: [unreadableIssue(error.message)], warnings: [] };
  }
  return { issues: findOwnershipIssues(found, ownership, settings), warnings: [] };
}

const FIX =
  "set kubernetes:context, kubernetes:kubeconfig or KUBECONFIG, and check with kubectl get --raw /readyz";

/** `up` cannot read from the cluster. `failure` is the reason, without a full stop. */
function unreadableIssue(failure: string): ValidationIssue {
  return {
    path: ["kubernetes:context"],
    reason: "must select a cluster that answers",
    because: `Before it changes anything, \`up\` checks that the cluster has no mesh of someone else (${failure})`,
    fixes: [{ kind: "instruction", text: FIX }],
  };
}

/** A preview cannot read from the cluster. `failure` is the reason, without a full stop. */
function formatWarning(failure: string): string {
  return (
    "kubernetes:context: the cluster cannot be read, so this preview does not check whether it has a mesh, namespaces " +
    `or policies that this stack does not own (${failure}). \`pulumi up\` requires the check. Fix: ${FIX}`
  );
}
