/** The scrape of the proxies. */
import { keepRelabelConfigs } from "../series/keep-list.ts";
import { copyPodLabels } from "./pod-labels.ts";
import { KEEP_RUNNING, POD, type ScrapeJob } from "./scrape-job.ts";

/**
 * Scrapes the proxies of a mesh, with the labels that viz's Prometheus gives them, and keeps what the queries and viz read. Unlike
 * there, no label of a pod takes the place of a label with a meaning of its own.
 *
 * @param controlPlaneNamespace namespace of the control plane that the proxies belong to
 */
export function scrapeProxies(controlPlaneNamespace: string): ScrapeJob {
  return {
    job_name: "linkerd-proxy",
    kubernetes_sd_configs: [{ role: "pod" }],
    relabel_configs: [
      KEEP_RUNNING,
      {
        source_labels: [
          `${POD}_container_name`,
          `${POD}_container_port_name`,
          `${POD}_label_linkerd_io_control_plane_ns`,
        ],
        regex: `linkerd-proxy;linkerd-admin;${controlPlaneNamespace}`,
        action: "keep",
      },
      ...copyPodLabels(),
      { target_label: "job", replacement: "linkerd-proxy" },
      { source_labels: [`${POD}_name`], target_label: "pod" },
      { source_labels: ["__meta_kubernetes_namespace"], target_label: "namespace" },
    ],
    metric_relabel_configs: keepRelabelConfigs(),
  };
}
