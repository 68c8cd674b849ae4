/** The scrape of the API server, which alone knows what happened to pods without the injector. */
import { USED_SERIES } from "../series/used-series.ts";
import { type ScrapeJob, SERVICE_ACCOUNT } from "./scrape-job.ts";

/**
 * Scrapes every API server, each at its own address: a scrape through the Service would get the counters of another one each
 * time. Keeps only what the queries read, because an API server exports some 10,000 series.
 */
export function scrapeApiServer(): ScrapeJob {
  const metrics = Object.keys(USED_SERIES).filter((metric) => metric.startsWith("apiserver_"));
  return {
    job_name: "linkerd-api-server",
    scheme: "https",
    // The certificates of all distributions have this name, but not all of them have the addresses.
    tls_config: { ca_file: `${SERVICE_ACCOUNT}/ca.crt`, server_name: "kubernetes" },
    authorization: { credentials_file: `${SERVICE_ACCOUNT}/token` },
    kubernetes_sd_configs: [{ role: "endpointslice", namespaces: { names: ["default"] } }],
    relabel_configs: [
      {
        source_labels: ["__meta_kubernetes_service_name", "__meta_kubernetes_endpointslice_port_name"],
        regex: "kubernetes;https",
        action: "keep",
      },
    ],
    metric_relabel_configs: [
      { source_labels: ["__name__"], regex: metrics.sort().join("|"), action: "keep" },
    ],
  };
}

/** Rules of a ClusterRole: what {@link scrapeApiServer} reads. */
export const METRICS_RULES = [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }];

/**
 * Rules of a Role in the namespace `default`: what {@link scrapeApiServer} discovers its targets with. Prometheus also needs to
 * list the pods there, for which viz's has a ClusterRole.
 */
export const DISCOVERY_RULES = [
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["services"], verbs: ["get", "list", "watch"] },
];
