/** Helm releases whose last operation was broken off, as a refresh found them. */
import { type DeployedState, releasesIn } from "../../components/deployed/deployed-state.ts";

/** What Helm calls a release that it is at work on, or was when it was killed. */
const UNFINISHED = ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"];

/**
 * A sentence for each such release in a state. The provider compares values and not this: after a refresh it
 * takes a half-done upgrade for done, and plans nothing.
 */
export function unfinishedReleases(state: DeployedState): string[] {
  return releasesIn(state)
    .filter(({ status }) => UNFINISHED.includes(status?.status))
    .map(
      ({ name, status }) =>
        `The release ${name} is ${status.status} in the state: its last operation was broken off, and this one will ` +
        `not finish it. Mend it with: kubectl delete secrets -A -l owner=helm,name=${name} && ` +
        "pulumi refresh --clear-pending-creates --yes (docs/recovery.md)",
    );
}
