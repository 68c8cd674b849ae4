/** The values of linkerd-viz for the settings of monitoring. */
import { type ChartValues, mergeValues } from "../../../inputs/merge.ts";
import { externalValues } from "./external-prometheus.ts";
import { grafanaValues } from "./grafana.ts";
import type { MonitoringSettings } from "./monitoring-settings.ts";
import { vizPrometheusValues } from "./viz-prometheus.ts";

/** The values of linkerd-viz: its own Prometheus or another one, and links to Grafana. */
export function vizMonitoringValues({ prometheus, external, grafana }: MonitoringSettings = {}): ChartValues {
  return mergeValues(external ? externalValues(external) : vizPrometheusValues(prometheus), {
    grafana: grafanaValues(grafana),
  });
}
