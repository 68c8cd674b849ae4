/** The scrape of Linkerd's controllers. */
import type * as pulumi from "@pulumi/pulumi";
import { KEEP_RUNNING, POD, type ScrapeJob } from "./scrape-job.ts";

/**
 * Scrapes the admin ports of the containers in these namespaces, but not those of the proxies. As in viz, the label
 * `component` is the name of the container, and the targets have no label `namespace`, which is one of the injector's own.
 */
export function scrapeControllers(namespaces: readonly pulumi.Input<string>[]): ScrapeJob {
  return describeJob("linkerd-controller", namespaces, ".*admin");
}

/** The first chart of viz whose Prometheus scrapes the control plane (linkerd2, bf5ac3178). */
export const CONTROL_PLANE_SCRAPED_SINCE = "2026.4.1";

/**
 * Scrapes the control plane for a viz chart before {@link CONTROL_PLANE_SCRAPED_SINCE}, as of Linkerd 2.19. Its job
 * `linkerd-controller` keeps only ports with the name `admin`, which viz's own containers have, and those of the control plane
 * do not. The label `job` is the same as of the later charts, so that the series stay the same in an upgrade.
 */
export function scrapeControlPlane(namespace: pulumi.Input<string>): ScrapeJob {
  const job = describeJob("linkerd-control-plane", [namespace], ".+-admin");
  return {
    ...job,
    relabel_configs: [...job.relabel_configs, { target_label: "job", replacement: "linkerd-controller" }],
  };
}

function describeJob(name: string, namespaces: readonly pulumi.Input<string>[], port: string): ScrapeJob {
  const source_labels = [`${POD}_container_port_name`];
  return {
    job_name: name,
    kubernetes_sd_configs: [{ role: "pod", namespaces: { names: namespaces } }],
    relabel_configs: [
      KEEP_RUNNING,
      { source_labels, regex: port, action: "keep" },
      { source_labels, regex: "linkerd-admin", action: "drop" },
      { source_labels: [`${POD}_container_name`], target_label: "component" },
    ],
  };
}
