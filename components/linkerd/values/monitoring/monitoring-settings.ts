/** Dashboards, alerts, and the Prometheus and Grafana that they are for. */
import type { AlertOptions } from "./alerts.ts";
import type { DashboardOptions } from "./dashboards.ts";
import type { ExternalPrometheus } from "./external-prometheus.ts";
import type { GrafanaOptions } from "./grafana.ts";
import type { VizPrometheusOptions } from "./viz-prometheus.ts";

/** What a mesh delivers to Prometheus and Grafana. The objects are plain, because they decide which resources exist. */
export interface MonitoringSettings {
  /** Dashboards for Grafana. `false` for none. @default {} with viz, else false */
  dashboards?: false | DashboardOptions | undefined;
  /**
   * Alerts for Prometheus. `false` for none.
   * @default {} where viz's Prometheus or the Prometheus Operator evaluates them, else false
   */
  alerts?: false | AlertOptions | undefined;
  /** The Prometheus that viz installs. Not with `external`. @default {} */
  prometheus?: VizPrometheusOptions | undefined;
  /** A Prometheus that exists already and replaces viz's own. @default none */
  external?: ExternalPrometheus | undefined;
  /** The Grafana that the viz dashboard links to. @default none */
  grafana?: GrafanaOptions | undefined;
}
