/** The series of proxies that Prometheus has to keep, and the relabeling that drops all others. */
import { boundPattern, OMITTED_BOUNDS_MS } from "../promql/applications/latency.ts";
import { USED_SERIES } from "./used-series.ts";
import { VIZ_SERIES } from "./viz-series.ts";

/** A step of `metric_relabel_configs`, as Prometheus and viz's value `prometheus.metricRelabelConfigs` have it. */
export interface MetricRelabelConfig {
  readonly source_labels: readonly string[];
  readonly regex: string;
  readonly action: "keep" | "drop";
}

/** Names of the metrics that the dashboards, the rules and viz query, sorted. */
export function keptMetrics(): string[] {
  return [...new Set([...Object.keys(USED_SERIES), ...VIZ_SERIES])].sort();
}

/**
 * Keeps these metrics. Of requests and responses, it also drops those to the proxy's admin port and the kubelet's probes,
 * which no dashboard and no rule reads: half of the buckets of a small application. Of the buckets, it keeps those of
 * `LATENCY_BOUNDS_MS`.
 */
export function keepRelabelConfigs(): MetricRelabelConfig[] {
  const omitted = boundPattern(OMITTED_BOUNDS_MS);
  return [
    { source_labels: ["__name__"], regex: keptMetrics().join("|"), action: "keep" },
    { source_labels: ["__name__", "srv_port"], regex: "(request|response)_.+;4191", action: "drop" },
    { source_labels: ["__name__", "route_name"], regex: "(request|response)_.+;probe", action: "drop" },
    { source_labels: ["__name__", "le"], regex: `.*latency_ms_bucket;(${omitted})`, action: "drop" },
  ];
}
