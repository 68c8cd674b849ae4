/** All issues with the settings of monitoring. */
import type { ValidationIssue } from "../../../inputs/validation.ts";
import type { ExtraValues } from "../extra-values.ts";
import { alertIssues } from "./alert-issues.ts";
import { dashboardIssues } from "./dashboards.ts";
import { deliveredAlerts, hasVizPrometheus, type MonitoredMesh } from "./delivery.ts";
import { externalIssues } from "./external-prometheus.ts";
import { grafanaIssues } from "./grafana.ts";
import { keepIssues, vizPrometheusIssues } from "./viz-prometheus.ts";

/** Issues with the settings of monitoring, except for values that are Outputs. */
export function monitoringIssues(
  mesh: MonitoredMesh & { readonly extraValues?: ExtraValues | undefined },
): ValidationIssue[] {
  const { viz = true, monitoring = {} } = mesh;
  const { dashboards, prometheus, external, grafana } = monitoring;
  const circumstances = {
    viz,
    external: external !== undefined,
    alerts: deliveredAlerts(mesh)?.evaluator === "viz",
  };
  return [
    ...(dashboards ? dashboardIssues(dashboards, viz) : []),
    ...alertIssues(mesh),
    ...(prometheus ? vizPrometheusIssues(prometheus, circumstances) : []),
    ...(external ? externalIssues(external, viz) : []),
    ...(grafana ? grafanaIssues(grafana, viz) : []),
    ...(hasVizPrometheus(mesh) ? keepIssues(prometheus?.keep, mesh.extraValues) : []),
  ];
}
