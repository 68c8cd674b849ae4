/** The parts of Prometheus' configuration that the jobs of this folder use. */
import type * as pulumi from "@pulumi/pulumi";

/** A step of `relabel_configs`. @see https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
export interface RelabelConfig {
  /** @default replace */
  readonly action?: "keep" | "drop" | "labelmap" | "labeldrop";
  readonly source_labels?: readonly string[];
  readonly regex?: string;
  readonly target_label?: string;
  readonly replacement?: string;
}

/** Where Prometheus finds targets in the API server. */
export interface Discovery {
  readonly role: "pod" | "endpointslice";
  /** @default all namespaces */
  readonly namespaces?: { readonly names: readonly pulumi.Input<string>[] };
}

/** An entry of `scrape_configs`. */
export interface ScrapeJob {
  readonly job_name: string;
  readonly scheme?: "https";
  readonly tls_config?: { readonly ca_file: string; readonly server_name: string };
  readonly authorization?: { readonly credentials_file: string };
  readonly kubernetes_sd_configs: readonly Discovery[];
  readonly relabel_configs: readonly RelabelConfig[];
  readonly metric_relabel_configs?: readonly RelabelConfig[];
}

/** Directory in which Kubernetes mounts the credentials of a pod's ServiceAccount. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Prefix of the labels of a discovered pod. */
export const POD = "__meta_kubernetes_pod";

/** A finished pod, as of a Job, keeps its address, and nothing answers there. */
export const KEEP_RUNNING: RelabelConfig = {
  source_labels: [`${POD}_phase`],
  regex: "Pending|Running",
  action: "keep",
};
