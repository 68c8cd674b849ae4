/**
 * The labels of pods, which every scrape of a proxy copies, and the labels with a meaning of their own, which a pod may also have.
 */
import { USED_SERIES } from "../series/used-series.ts";
import { POD, type RelabelConfig } from "./scrape-job.ts";

/** Metrics that proxies export. */
const PROXY_METRICS = /^(request|response|route|tcp|inbound|outbound|control|proxy_build)_/;

/** The owners of a pod: the labels `linkerd.io/proxy-…` of the injector. That of a Job is `k8s_job`, because `job` is taken. */
const OWNERS = [
  ...["cronjob", "daemonset", "deployment", "replicaset", "replicationcontroller", "statefulset"],
  "k8s_job",
];

/** Labels that a scrape adds. */
const TARGET_LABELS = ["control_plane_ns", "instance", "job", "namespace", "pod", "workload_ns", ...OWNERS];

/**
 * Labels that are a pod's own, although queries read them: the Job of a pod, and a version, for which the queries look beside the
 * version of the proxy.
 */
const POD_LABELS = ["batch_kubernetes_io_job_name", "exported_version", "version"];

/** Labels that the proxies set and that queries read, sorted. */
export function proxyLabels(): string[] {
  const used = Object.entries(USED_SERIES)
    .filter(([metric]) => PROXY_METRICS.test(metric))
    .flatMap(([, labels]) => labels.split(" "));
  const others = new Set([...TARGET_LABELS, ...POD_LABELS]);
  return [...new Set(used)].filter((label) => !others.has(label)).sort();
}

/**
 * Copies the labels of the pod, Linkerd's without their prefix. A label of the pod that has the name of one that the scrape adds, or
 * that a proxy sets, is left out: Prometheus would rename the proxy's, and queries would read the pod's.
 */
export function copyPodLabels(): RelabelConfig[] {
  const label = `${POD}_label`;
  const reserved = [...TARGET_LABELS, ...proxyLabels()];
  return [
    { action: "labelmap", regex: `${label}_(.+)` },
    { action: "labeldrop", regex: ["linkerd_io_.+", ...reserved].join("|") },
    { source_labels: [`${label}_linkerd_io_proxy_job`], target_label: "k8s_job" },
    { action: "labeldrop", regex: `${label}_linkerd_io_proxy_job` },
    { action: "labelmap", regex: `${label}_linkerd_io_proxy_(.+)` },
    { action: "labeldrop", regex: `${label}_linkerd_io_proxy_.+` },
    { action: "labelmap", regex: `${label}_linkerd_io_(.+)` },
  ];
}

/**
 * Gives the proxies' labels their names back, for a scrape that copied a label of the same name from the pod, as viz's does: there,
 * Prometheus renames the proxy's `direction` to `exported_direction`. To be applied before other steps.
 */
export function restoreProxyLabels(): RelabelConfig[] {
  const exported = `exported_(${proxyLabels().join("|")})`;
  return [
    { action: "labelmap", regex: exported },
    { action: "labeldrop", regex: exported },
  ];
}
