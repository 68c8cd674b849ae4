/**
 * Labels that queries derive from others.
 *
 * A trap of all of them: viz's scrape configuration and the chart's PodMonitor copy every label of a pod to its series. A
 * pod label that is called like a label below, `deployment` for example, replaces the one of the mesh.
 */
export interface DerivedLabel {
  /** The labels that it sets. */
  readonly labels: readonly string[];
  /** The labels that it reads. */
  readonly sources: readonly string[];
  /** The expression with the labels. */
  readonly derive: (expression: string) => string;
}

/**
 * The label that names the workload of a pod, for each kind. A series has at most one of the first seven: the scrape sets
 * them from the labels `linkerd.io/proxy-*` that the injector sets (linkerd2 pkg/inject/inject.go). `k8s_job` is the name
 * of a Job, because `job` is a label of Prometheus.
 *
 * Pods of Jobs that a CronJob creates often have none of the seven: the injector sees the pod before it knows the Job. They
 * have the label of Kubernetes for the Job's name. Bare pods have none, and stand for themselves. Pods with an owner have
 * the last two labels as well, so the order counts.
 */
export const KIND_LABELS = [
  "deployment",
  "statefulset",
  "daemonset",
  "replicaset",
  "replicationcontroller",
  "k8s_job",
  "cronjob",
  "batch_kubernetes_io_job_name",
  "pod",
] as const;

/** The labels that identify a workload: two workloads of one name may differ in their kind. */
export const WORKLOAD = ["namespace", "kind", "workload"] as const;

/** `label_replace`, which does nothing where the pattern does not match the complete label. */
function replace(expression: string, target: string, value: string, source: string, pattern: string): string {
  return `label_replace(${expression}, "${target}", "${value}", "${source}", "${pattern.replaceAll("\\", "\\\\")}")`;
}

function join(expression: string, target: string, separator: string, sources: readonly string[]): string {
  const labels = sources.map((label) => `"${label}"`).join(", ");
  return `label_join(${expression}, "${target}", "${separator}", ${labels})`;
}

/**
 * `workload` is the first label of {@link KIND_LABELS} that is not empty, and `kind` its position, as a number of
 * semicolons: all labels are joined, and the semicolons before the first name are counted. {@link decodeKind} turns the
 * position into the name of the label.
 */
const workload: DerivedLabel = {
  labels: ["kind", "workload"],
  sources: KIND_LABELS,
  derive: (expression) => {
    const joined = join(expression, "workload", ";", KIND_LABELS);
    const kind = replace(joined, "kind", "$1", "workload", "(;*).*");
    return replace(kind, "workload", "$1", "workload", ";*([^;]*).*");
  },
};

/** The expression with the names of {@link KIND_LABELS} in `kind`. */
export function decodeKind(expression: string): string {
  return KIND_LABELS.reduce(
    (text, label, position) => replace(text, "kind", label, "kind", ";".repeat(position)),
    expression,
  );
}

/**
 * `caller` of inbound traffic, from the callee's side: `<ServiceAccount>.<namespace>` of the client's certificate, else its
 * complete identity, else `unmeshed (<reason>)`, else `without certificate`: a new proxy calls identity with TLS and has no
 * certificate yet (`tls="true"` with an empty `client_id`). It shows ingresses and other clusters too, which the labels
 * `dst_*` of a caller do not. The trust domain is cut off, so equal accounts of two clusters are one caller.
 */
const caller: DerivedLabel = {
  labels: ["caller"],
  sources: ["client_id", "no_tls_reason"],
  derive: (expression) => {
    const unnamed = replace(expression, "caller", "without certificate", "client_id", "");
    const unmeshed = replace(unnamed, "caller", "unmeshed ($1)", "no_tls_reason", "(.+)");
    const identity = replace(unmeshed, "caller", "$1", "client_id", "(.+)");
    return replace(identity, "caller", "$1", "client_id", "(.+)\\.serviceaccount\\.identity\\..*");
  },
};

/**
 * `dependency` of outbound traffic: `<Service>.<namespace>`, else the host of the request (label
 * `authority`), else the address. Traffic to the address
 * of a pod or to the outside has no Service.
 */
const dependency: DerivedLabel = {
  labels: ["dependency"],
  sources: ["dst_service", "dst_namespace", "authority", "target_addr"],
  derive: (expression) => {
    const joined = join(expression, "dependency", ";", dependency.sources);
    const service = replace(joined, "dependency", "$1.$2", "dependency", "([^;]+);([^;]*);.*");
    return replace(service, "dependency", "$1", "dependency", ";[^;]*;+([^;]+).*");
  },
};

/**
 * `destination` of outbound traffic: the workload that answers, `<workload>.<namespace>`. Empty outside the mesh, where only
 * `dependency` names the callee. The destination controller gives the proxy the labels of the pod's owner
 * (linkerd2 pkg/k8s/labels.go), with the prefix `dst_`.
 */
const destination: DerivedLabel = {
  labels: ["destination"],
  sources: [
    ...KIND_LABELS.filter((label) => label !== "batch_kubernetes_io_job_name").map((label) => `dst_${label}`),
    "dst_namespace",
  ],
  derive: (expression) => {
    const joined = join(expression, "destination", ";", destination.sources);
    const unknown = replace(joined, "destination", "", "destination", ";+[^;]*");
    return replace(unknown, "destination", "$1.$3", "destination", ";*([^;]+);(.*;)?([^;]+)");
  },
};

/** `status_class`, for example `2xx`. A failed gRPC call is `2xx`: only `classification` shows the failure. */
const statusClass: DerivedLabel = {
  labels: ["status_class"],
  sources: ["status_code"],
  derive: (expression) => replace(expression, "status_class", `\${1}xx`, "status_code", "(.).*"),
};

/**
 * `controller` that a proxy calls, from `addr`: `destination`, `identity` or `policy`. The proxies of the control plane call
 * theirs by `localhost` and the port.
 */
const controller: DerivedLabel = {
  labels: ["controller"],
  sources: ["addr"],
  derive: (expression) => {
    const destination = replace(
      expression,
      "controller",
      "destination",
      "addr",
      "(linkerd-dst.*|localhost:8086)",
    );
    const identity = replace(
      destination,
      "controller",
      "identity",
      "addr",
      "(linkerd-identity.*|localhost:8080)",
    );
    return replace(identity, "controller", "policy", "addr", "(linkerd-policy.*|localhost:8090)");
  },
};

/** All of them. None reads a label that another one sets. */
export const DERIVED_LABELS: readonly DerivedLabel[] = [
  workload,
  caller,
  dependency,
  destination,
  statusClass,
  controller,
];
