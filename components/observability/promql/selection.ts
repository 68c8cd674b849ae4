/** The workloads that the variables of a dashboard select. */
import { KIND_LABELS } from "./derived-labels.ts";
import { select } from "./expression.ts";

/** A kind of selection: a label of all series of proxies whose values are listed. */
export interface SelectionKind {
  /** The name that Grafana displays. */
  readonly name: string;
  /** The label. */
  readonly label: string;
}

const NAMES: Readonly<Record<(typeof KIND_LABELS)[number], string>> = {
  deployment: "Deployment",
  statefulset: "StatefulSet",
  daemonset: "DaemonSet",
  replicaset: "ReplicaSet",
  replicationcontroller: "ReplicationController",
  k8s_job: "Job",
  cronjob: "CronJob",
  batch_kubernetes_io_job_name: "Job (label of its pods)",
  pod: "Pod",
};

/**
 * The first one selects all workloads of namespaces, with and without an owner. The others are the kinds of workloads.
 * Pods of Jobs that a CronJob creates may have no label of their owner: the kind `Job (label of its pods)` lists them.
 */
export const SELECTION_KINDS: readonly SelectionKind[] = [
  { name: "All of a namespace", label: "namespace" },
  ...KIND_LABELS.map((label) => ({ name: NAMES[label], label })),
];

/** The matcher of the variable `namespace`. */
export const NAMESPACES = 'namespace=~"$namespace"';

/**
 * Matchers of the selected workloads. A variable in the place of a label name gives one definition for all kinds.
 * `All` of a variable has to be `.+`: `.*` also matches series without the label.
 *
 * @param kind A label, or a variable such as `$kind`.
 * @param workload The name of the variable that lists values of this label.
 */
export function selectedWorkloads(kind: string, workload: string): string {
  return `${NAMESPACES},${kind}=~"$${workload}"`;
}

/** The matchers of containers of selected pods, which have no labels of workloads. */
export const SELECTED_PODS = `${NAMESPACES},pod=~"$pods"`;

/** A query of Grafana for the values of a label. */
function labelValues(selector: string, label: string): string {
  return `label_values(${selector}, ${label})`;
}

/** The metric that each proxy has, with and without traffic. */
const PROXIES = "proxy_build_info";

/** Queries for the values of the variables. They list workloads that have a proxy, not only those with traffic. */
export const VARIABLE_QUERIES = {
  namespaces: labelValues(PROXIES, "namespace"),
  workloads: (kind: string) => labelValues(select(PROXIES, NAMESPACES), kind),
  pods: (matchers: string) => labelValues(select(PROXIES, matchers), "pod"),
} as const;
