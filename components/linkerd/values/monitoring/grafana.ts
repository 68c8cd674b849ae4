/** Links from the viz dashboard to Grafana. */
import type * as pulumi from "@pulumi/pulumi";

/** The Grafana that the viz dashboard links to: either `url` or `externalUrl`. */
export interface GrafanaOptions {
  /**
   * `<host>:<port>` of a Grafana in the cluster, e.g. `grafana.monitoring:3000`. The viz dashboard passes requests on to
   * it, so it must serve from the sub-path `/grafana`.
   * @default none
   */
  url?: pulumi.Input<string> | undefined;
  /** URL of a Grafana that browsers reach by themselves, e.g. `https://grafana.example.com/`. @default none */
  externalUrl?: pulumi.Input<string> | undefined;
  /**
   * Prefix of the UIDs of the dashboards that viz links to. With `externalUrl` only. Plain, because it is part of the
   * dashboards.
   * @default none
   */
  uidPrefix?: string | undefined;
}
