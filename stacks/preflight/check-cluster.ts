/** All checks of the settings against the cluster, before the first change. */
import type { DeployedTrust } from "../../components/certificates/rotation.ts";
import type { DeployedState } from "../../components/deployed/deployed-state.ts";
import type { OpenCluster } from "../cluster/cluster.ts";
import type { StackConfig } from "../cluster/kubeconfig.ts";
import { findChangedCluster } from "../cluster/recorded-cluster.ts";
import type { Settings } from "../settings/settings-schema.ts";
import { checkAdmissionPolicies } from "./admission-policies.ts";
import { checkAdoption } from "./adoption/check-adoption.ts";
import { checkMonitoring } from "./monitoring/check-monitoring.ts";
import { checkOwnership, type OwnershipReport } from "./ownership/check-ownership.ts";
import { promptingUserIssues } from "./prompting-user-issues.ts";
import { NOTHING_FOUND } from "./unchecked.ts";

/** What the checks compare the settings with. */
export interface Deployment {
  readonly state: DeployedState;
  readonly deployed: DeployedTrust;
  readonly openCluster: OpenCluster;
}

/**
 * Checks the settings against the cluster and the last deployment. The result is that of the check of ownership.
 *
 * Nothing is read with a kubeconfig for which the provider would wait for input: a call to the provider would not end.
 */
export async function checkCluster(
  settings: Settings,
  config: StackConfig,
  { state, deployed, openCluster }: Deployment,
): Promise<OwnershipReport> {
  const prompting = promptingUserIssues(config);
  if (prompting.length > 0) return { issues: prompting, unchecked: [] };
  const changed = await findChangedCluster(state, config);
  const [ownership, adoption, monitoring, early] = await Promise.all([
    checkOwnership(settings, state, deployed, openCluster, changed),
    checkAdoption(settings, state, openCluster),
    checkMonitoring(settings, changed ? {} : state, openCluster),
    changed ? NOTHING_FOUND : checkAdmissionPolicies(settings, state, openCluster),
  ]);
  // In another cluster than before, the call waits, because it records the provider's configuration in the state.
  const isAccepted = changed !== undefined && ownership.issues.length === 0;
  const admission = isAccepted ? await checkAdmissionPolicies(settings, state, openCluster) : early;
  return {
    issues: [...admission.issues, ...ownership.issues, ...monitoring.issues, ...adoption],
    unchecked: [...ownership.unchecked, ...admission.unchecked, ...monitoring.unchecked],
    leftover: ownership.leftover,
  };
}
