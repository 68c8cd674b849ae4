/** Helm releases whose last operation was interrupted. */
import { type DeployedState, releasesIn } from "../../components/deployed/deployed-state.ts";

/** Helm's statuses of a release during an operation. They remain if Helm is killed. */
const UNFINISHED = ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"];

/**
 * A warning for each release with such a status in the state, which only a refresh records. The provider compares
 * values and not statuses: after the refresh it considers an interrupted upgrade complete, and plans nothing.
 */
export function interruptedReleaseWarnings(state: DeployedState): string[] {
  return releasesIn(state)
    .filter(({ status }) => UNFINISHED.includes(status?.status))
    .map(
      ({ name, status }) =>
        `Helm release ${name}: its last operation was interrupted with status ${status.status}, and \`pulumi up\` ` +
        "does not complete it. " +
        `Fix: kubectl delete secrets -A -l owner=helm,name=${name} && ` +
        "pulumi refresh --clear-pending-creates --yes (docs/recovery.md)",
    );
}
