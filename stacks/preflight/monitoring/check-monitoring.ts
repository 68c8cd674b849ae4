/** The check of monitoring and of access to viz, before the first change. */
import { type DeployedState, releasesIn } from "../../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import { alertEvaluator, hasVizPrometheus } from "../../../components/linkerd/values/monitoring/delivery.ts";
import type { OpenCluster } from "../../cluster/cluster.ts";
import type { CheckReport } from "../unchecked.ts";
import { reportUnreadCluster } from "../unread-cluster.ts";
import { type AccessSettings, requiredForAccess } from "./required-for-access.ts";
import { type MonitoringSettings, requiredObjects } from "./required-objects.ts";
import { installedPrometheus, volumeChangeIssues } from "./viz-prometheus.ts";

/**
 * Finds objects that monitoring or access to viz needs and the cluster does not have, and a volume that would change.
 * Without this check a preview would succeed, and `up` would fail with a part of the mesh changed. A preview does without
 * the check of the objects if the cluster cannot be read.
 *
 * @param state the state of the last deployment to this cluster
 */
export async function checkMonitoring(
  settings: MonitoringSettings & AccessSettings,
  state: DeployedState,
  openCluster: OpenCluster,
): Promise<CheckReport> {
  const { volume } = settings.monitoring.prometheus ?? {};
  const issues = hasVizPrometheus(settings) ? volumeChangeIssues(deployedPrometheus(state), volume) : [];
  const required = [...requiredObjects(settings, state), ...requiredForAccess(settings, state)];
  if (required.length === 0) return { issues, unchecked: [] };
  try {
    const cluster = await openCluster();
    const found = await Promise.all(
      required.map(({ apiVersion, kind, name }) => cluster.readMetadata(apiVersion, kind, name)),
    );
    const missing = required.filter((_, index) => found[index] === undefined);
    return { issues: [...issues, ...missing.map(({ issue }) => issue)], unchecked: [] };
  } catch (error) {
    const names = required.map(({ name }) => name).join(", ");
    const unread = reportUnreadCluster(error, {
      what: [`whether it has ${names}, which monitoring or access to viz needs`],
      because: `Monitoring needs ${names}, for which \`up\` looks before it changes anything`,
    });
    return { ...unread, issues: [...issues, ...unread.issues] };
  }
}

/** viz's Prometheus of the last deployment; `undefined` if there was none. */
function deployedPrometheus(state: DeployedState) {
  const release = releasesIn(state).find(({ name }) => name === "linkerd-viz");
  return release && installedPrometheus(release.values);
}

/**
 * An issue to warn of if alerts are configured and nobody is notified. By default alerts are on, and this is documented
 * instead, so that a preview without changes prints nothing.
 */
export function notificationWarnings(
  settings: Pick<MonitoringSettings, "viz" | "monitoring">,
): ValidationIssue[] {
  const { alerts, prometheus: { alertmanagers = [] } = {} } = settings.monitoring;
  if (!alerts || alertEvaluator(settings) !== "viz" || alertmanagers.length > 0) return [];
  return [
    {
      path: ["monitoring", "prometheus", "alertmanagers"],
      reason: "must have an Alertmanager for alerts to notify someone",
      got: "nothing",
      because: "viz's Prometheus evaluates the alerts, and otherwise only shows them",
    },
  ];
}
