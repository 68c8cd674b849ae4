/** The check of monitoring and of access to viz, before the first change. */
import * as pulumi from "@pulumi/pulumi";
import { type DeployedState, releasesIn } from "../../../components/deployed/deployed-state.ts";
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import { alertEvaluator, hasVizPrometheus } from "../../../components/linkerd/values/monitoring/delivery.ts";
import type { OpenCluster } from "../../cluster/cluster.ts";
import { ClusterError } from "../../cluster/connection.ts";
import { type AccessSettings, requiredForAccess } from "./required-for-access.ts";
import { type MonitoringSettings, requiredObjects } from "./required-objects.ts";
import { installedPrometheus, volumeChangeIssues } from "./viz-prometheus.ts";

/** The result of a check. */
export interface MonitoringReport {
  readonly issues: readonly ValidationIssue[];
  readonly warnings: readonly string[];
}

const FIX =
  "set kubernetes:context, kubernetes:kubeconfig or KUBECONFIG, and check with kubectl get --raw /readyz";

/**
 * Finds objects that monitoring or access to viz needs and the cluster does not have, and a volume that would change. Without this check a
 * preview would succeed, and `up` would fail with a part of the mesh changed. In a preview, a cluster that cannot be read
 * causes a warning; `up` requires the check.
 *
 * @param state the state of the last deployment to this cluster
 */
export async function checkMonitoring(
  settings: MonitoringSettings & AccessSettings,
  state: DeployedState,
  openCluster: OpenCluster,
): Promise<MonitoringReport> {
  const { volume } = settings.monitoring.prometheus ?? {};
  const issues = hasVizPrometheus(settings) ? volumeChangeIssues(deployedPrometheus(state), volume) : [];
  const required = [...requiredObjects(settings, state), ...requiredForAccess(settings, state)];
  if (required.length === 0) return { issues, warnings: [] };
  try {
    const cluster = await openCluster();
    const found = await Promise.all(
      required.map(({ apiVersion, kind, name }) => cluster.readMetadata(apiVersion, kind, name)),
    );
    const missing = required.filter((_, index) => found[index] === undefined);
    return { issues: [...issues, ...missing.map(({ issue }) => issue)], warnings: [] };
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const names = required.map(({ name }) => name).join(", ");
    return pulumi.runtime.isDryRun()
      ? { issues, warnings: [formatWarning(names, error.message)] }
      : { issues: [...issues, unreadableIssue(names, error.message)], warnings: [] };
  }
}

/** viz's Prometheus of the last deployment; `undefined` if there was none. */
function deployedPrometheus(state: DeployedState) {
  const release = releasesIn(state).find(({ name }) => name === "linkerd-viz");
  return release && installedPrometheus(release.values);
}

/** `up` cannot read from the cluster. `failure` is the reason, without a full stop. */
function unreadableIssue(names: string, failure: string): ValidationIssue {
  return {
    path: ["kubernetes:context"],
    reason: "must select a cluster that answers",
    because: `Monitoring needs ${names}, for which \`up\` looks before it changes anything (${failure})`,
    fixes: [{ kind: "instruction", text: FIX }],
  };
}

/** A preview cannot read from the cluster. */
function formatWarning(names: string, failure: string): string {
  return (
    `kubernetes:context: the cluster cannot be read, so this preview does not check whether it has ${names}, which ` +
    `monitoring needs (${failure}). \`pulumi up\` requires the check. Fix: ${FIX}`
  );
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
