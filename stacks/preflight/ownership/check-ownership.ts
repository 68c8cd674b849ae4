/** The check of ownership, before the first change. */
import * as pulumi from "@pulumi/pulumi";
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import type { DeployedState } from "../../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { OpenCluster } from "../../cluster/cluster.ts";
import { ClusterError } from "../../cluster/connection.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import type { ChangedCluster } from "../../cluster/recorded-cluster.ts";
import { type FoundObjects, readFoundObjects } from "./found-objects.ts";
import { currentStack, readOwnership } from "./owned-objects.ts";
import { findLeftoverRelease, findOwnershipIssues } from "./ownership.ts";
import { type OwnershipSettings, planObjects, planWithout } from "./planned-objects.ts";

/** The result of a check. */
export interface OwnershipReport {
  readonly issues: readonly ValidationIssue[];
  readonly warnings: readonly string[];
  /** A release of this stack that `up` imports. */
  readonly leftover?: ReleaseRef | undefined;
}

/**
 * Compares the objects that the program would create with the cluster, and finds those that do not belong to this stack.
 * A stack whose state contains all objects causes no call, unless its configuration selects another cluster than before.
 * In a preview, a cluster that cannot be read causes a warning; `up` requires the check.
 *
 * @param changed the change of the cluster since the last deployment
 */
export async function checkOwnership(
  settings: OwnershipSettings,
  state: DeployedState,
  deployed: DeployedTrust,
  openCluster: OpenCluster,
  changed: ChangedCluster | undefined,
): Promise<OwnershipReport> {
  const recorded = readOwnership(currentStack(), state, deployed);
  // The objects of the state are in the other cluster. In this one, only annotated objects belong to the stack.
  const ownership = changed ? { ...recorded, keys: new Set<string>() } : recorded;
  const plan = planWithout(planObjects(settings), ownership.keys);
  if (plan === undefined) return { issues: [], warnings: [] };
  let found: FoundObjects;
  try {
    found = await readFoundObjects(await openCluster(), plan, settings.installGatewayApi);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    return pulumi.runtime.isDryRun()
      ? { issues: [], warnings: [formatWarning(error.message)] }
      : { issues: [unreadableIssue(error.message)], warnings: [] };
  }
  const issues = findOwnershipIssues(found, ownership, settings);
  return {
    issues: changed && issues.length > 0 ? [otherClusterIssue(changed), ...issues] : issues,
    warnings: [],
    leftover: findLeftoverRelease(found, ownership, settings),
  };
}

/** The stack was deployed to another cluster, and this one has objects of someone else. */
function otherClusterIssue({ recorded, selected }: ChangedCluster): ValidationIssue {
  return {
    path: ["kubernetes:context"],
    reason: "must select the cluster to which this stack was deployed",
    got: `${selected ?? "no cluster"} instead of ${recorded ?? "the cluster of the last deployment"}`,
    because: "`up` would change objects of the same names in this cluster, which belong to someone else",
    fixes: [
      { kind: "instruction", text: "set kubernetes:context, kubernetes:kubeconfig or KUBECONFIG as before" },
      { kind: "instruction", text: "use another stack for this cluster: pulumi stack init <name>" },
    ],
  };
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
