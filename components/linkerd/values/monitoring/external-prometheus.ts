/** A Prometheus that replaces viz's own. */
import type * as pulumi from "@pulumi/pulumi";

/** A Prometheus that exists already. With it, viz installs none. */
export interface ExternalPrometheus {
  /**
   * URL from which viz reads, e.g. `http://prometheus-operated.monitoring.svc:9090`, without credentials.
   * @default none; required with viz
   */
  url?: pulumi.Input<string> | undefined;
  /**
   * Name of a Secret in viz's namespace with the keys `user` and `password`, with which viz reads.
   * @default none
   */
  credentialsSecret?: pulumi.Input<string> | undefined;
  /**
   * Whether the Prometheus Operator manages it. Its PodMonitors and a PrometheusRule are then created in the namespace of
   * the control plane. Otherwise, the output `scrapeConfig` has the jobs to add to its configuration. Plain, because it
   * decides which resources exist.
   * @default false
   */
  operator?: boolean | undefined;
  /**
   * Labels of the PodMonitors, by which the operator's Prometheus selects them, e.g.
   * `{ release: "kube-prometheus-stack" }`. With `operator` only. Plain.
   * @default none
   */
  podMonitorLabels?: Readonly<Record<string, string>> | undefined;
}
