/** The scrapes of a mesh: of an external Prometheus, and those that viz's own lacks. */
import type * as pulumi from "@pulumi/pulumi";
import { keepRelabelConfigs } from "../series/keep-list.ts";
import { scrapeApiServer } from "./api-server.ts";
import { scrapeControllers, scrapeControlPlane } from "./controllers.ts";
import { restoreProxyLabels } from "./pod-labels.ts";
import { scrapeProxies } from "./proxies.ts";
import type { RelabelConfig, ScrapeJob } from "./scrape-job.ts";

/** Where the components of a mesh are. */
export interface MeshNamespaces {
  /** Namespace of the control plane. */
  readonly controlPlane: string;
  /** Namespace of viz. @default none */
  readonly viz?: string | undefined;
}

/**
 * A file for `scrape_config_files` of a Prometheus in the cluster that the Prometheus operator does not manage: the proxies, the
 * controllers, and the API server. The file is JSON, which is YAML too.
 */
export function scrapeConfig({ controlPlane, viz }: MeshNamespaces): string {
  const namespaces = viz === undefined ? [controlPlane] : [controlPlane, viz];
  const jobs: ScrapeJob[] = [scrapeProxies(controlPlane), scrapeControllers(namespaces), scrapeApiServer()];
  return `${JSON.stringify({ scrape_configs: jobs }, undefined, 2)}\n`;
}

/** {@link vizScrapeConfigs} */
export interface VizScrapes {
  /** Namespace of the control plane. */
  readonly controlPlaneNamespace: pulumi.Input<string>;
  /** Whether viz's chart scrapes the control plane: from `CONTROL_PLANE_SCRAPED_SINCE` on. */
  readonly scrapesControlPlane: boolean;
}

/** What viz's Prometheus scrapes besides: the value `prometheus.scrapeConfigs` of the chart linkerd-viz. */
export function vizScrapeConfigs({ controlPlaneNamespace, scrapesControlPlane }: VizScrapes): ScrapeJob[] {
  return [...(scrapesControlPlane ? [] : [scrapeControlPlane(controlPlaneNamespace)]), scrapeApiServer()];
}

/**
 * What viz's Prometheus does with the series of the proxies: the value `prometheus.metricRelabelConfigs` of the chart linkerd-viz.
 *
 * @param keep `used` drops what neither viz nor a query of this project reads
 */
export function vizMetricRelabelConfigs(keep: "used" | "all"): RelabelConfig[] {
  return [...restoreProxyLabels(), ...(keep === "used" ? keepRelabelConfigs() : [])];
}
