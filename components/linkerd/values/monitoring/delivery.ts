/** Deliveries of a mesh with given settings, and their recipients. */
import { DEFAULT_RETENTION, type RuleOptions } from "../../../observability/rules/rule-options.ts";
import { type ResolvedDashboardOptions, resolveDashboardOptions } from "./dashboards.ts";
import type { MonitoringSettings } from "./monitoring-settings.ts";

/** What evaluates alerts: viz's own Prometheus, or the Prometheus of the operator. */
export type AlertEvaluator = "viz" | "operator";

/** The settings of a mesh that decide the deliveries. */
export interface MonitoredMesh {
  /** @default true */
  readonly viz?: boolean | undefined;
  readonly monitoring?: MonitoringSettings | undefined;
}

/** Alerts that are delivered. */
export interface DeliveredAlerts {
  readonly evaluator: AlertEvaluator;
  /** The options of `rules()`, without certificates. */
  readonly options: Omit<RuleOptions, "certificates">;
  /** Labels of the PrometheusRule. Empty for viz's Prometheus. */
  readonly ruleLabels: Readonly<Record<string, string>>;
}

/** The default of Prometheus itself, which the operator's has unless its resource sets another one. */
const OPERATOR_RETENTION = "15d";

/** What evaluates alerts; `undefined` where nothing does. */
export function alertEvaluator({ viz = true, monitoring = {} }: MonitoredMesh): AlertEvaluator | undefined {
  const { external } = monitoring;
  if (external !== undefined) return external.operator ? "operator" : undefined;
  return viz ? "viz" : undefined;
}

/** Whether the mesh has viz's own Prometheus. */
export function hasVizPrometheus({ viz = true, monitoring = {} }: MonitoredMesh): boolean {
  return viz && monitoring.external === undefined;
}

/** The alerts that are delivered; `undefined` for none. */
export function deliveredAlerts(mesh: MonitoredMesh): DeliveredAlerts | undefined {
  const { alerts = {}, prometheus = {} } = mesh.monitoring ?? {};
  const evaluator = alertEvaluator(mesh);
  if (alerts === false || evaluator === undefined) return undefined;
  const { ruleLabels = {}, ...options } = alerts;
  const retention = evaluator === "viz" ? (prometheus.retention ?? DEFAULT_RETENTION) : OPERATOR_RETENTION;
  return { evaluator, ruleLabels, options: { ...options, retention } };
}

/** The dashboards that are delivered; `undefined` for none. Without viz, there are none unless they are configured. */
export function deliveredDashboards({
  viz = true,
  monitoring = {},
}: MonitoredMesh): ResolvedDashboardOptions | undefined {
  const { dashboards = viz ? {} : false } = monitoring;
  return dashboards === false ? undefined : resolveDashboardOptions(dashboards);
}
