/** The check of an adoption, before the first change. */
import { type DeployedState, releasesIn } from "../../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { OpenCluster } from "../../cluster/cluster.ts";
import { ClusterError } from "../../cluster/connection.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { compareWithRunningMesh } from "./compare.ts";
import { readRunningMesh } from "./read-running-mesh.ts";

/**
 * Compares the mesh in the cluster with the settings, if they adopt one. Once the control plane is in the state, the rules
 * of a rotation apply instead. The check of ownership reports a mesh that does not exist, and a cluster that does not
 * answer.
 */
export async function checkAdoption(
  settings: Settings,
  state: DeployedState,
  openCluster: OpenCluster,
): Promise<ValidationIssue[]> {
  const isAdopted = releasesIn(state).some(({ name }) => name === "linkerd-control-plane");
  if (!settings.adopt || isAdopted) return [];
  try {
    const running = await readRunningMesh(await openCluster(), settings);
    return running === undefined ? [] : compareWithRunningMesh(running, settings);
  } catch (error) {
    if (error instanceof ClusterError) return [];
    throw error;
  }
}
