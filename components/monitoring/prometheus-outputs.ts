/** What a program needs to know about the Prometheus of a mesh. */
import * as pulumi from "@pulumi/pulumi";
import { hasVizPrometheus } from "../linkerd/values/monitoring/delivery.ts";
import type { MonitoringSettings } from "../linkerd/values/monitoring/monitoring-settings.ts";
import { scrapeConfig } from "../observability/scraping/scrape-config.ts";

/** The names of a mesh, and its settings. */
export interface PrometheusNames {
  readonly monitoring: MonitoringSettings;
  readonly namespace: pulumi.Input<string>;
  /** `undefined` without viz. */
  readonly vizNamespace: pulumi.Input<string> | undefined;
  readonly clusterDomain: pulumi.Input<string>;
}

/** Its URL in the cluster; `undefined` if there is none. */
export function prometheusUrl(mesh: PrometheusNames): pulumi.Output<string> | undefined {
  const { monitoring, vizNamespace, clusterDomain } = mesh;
  if (hasVizPrometheus({ monitoring, viz: vizNamespace !== undefined })) {
    return pulumi.interpolate`http://prometheus.${vizNamespace}.svc.${clusterDomain}:9090`;
  }
  const url = monitoring.external?.url;
  return url === undefined ? undefined : pulumi.output(url);
}

/** The scrapes for an external Prometheus that no operator manages; `undefined` for any other. */
export function externalScrapeConfig(mesh: PrometheusNames): pulumi.Output<string> | undefined {
  const { monitoring, namespace, vizNamespace } = mesh;
  if (monitoring.external === undefined || monitoring.external.operator) return undefined;
  return pulumi
    .all([namespace, vizNamespace])
    .apply(([controlPlane, viz]) => scrapeConfig({ controlPlane, viz }));
}
