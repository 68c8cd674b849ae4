/** What the cluster exports: cAdvisor for containers, and the API server for admission. */
import type { Labels, Series } from "../../history.ts";
import { ADMISSION, INSTALLATION_CERTIFICATES, NOW, USAGE } from "../facts.ts";
import { PODS, type Pod } from "../pods.ts";
import { API_SERVER, attach, type LabelStyle, labelNode } from "../styles.ts";
import type { Kind } from "../workloads.ts";
import { ALWAYS, Exporter } from "./exporter.ts";
import { describeScrape } from "./scrape.ts";

const PERIOD = [-120, Number.POSITIVE_INFINITY] as const;

export function describeContainers(style: LabelStyle): Series[] {
  const node = labelNode(style);
  const machine = new Exporter([PERIOD], attach(node));
  machine.set("machine_cpu_cores", {}, 8);
  machine.set("machine_memory_bytes", {}, 32_000_000_000);
  const containers = PODS.flatMap((pod) => describePod(pod, node, style));
  return [...machine.collect(), ...containers, ...describeScrape(PERIOD, node, true, containers.length)];
}

function describePod(pod: Pod, node: Labels, style: LabelStyle): Series[] {
  // The kubelet's ServiceMonitor of kube-prometheus-stack honors the labels of cAdvisor, and viz's job has no such labels.
  const exporter = new Exporter([[pod.from, pod.to]], attach(node, true));
  const { namespace, proxy } = pod.workload;
  const identity = { namespace, pod: pod.name };
  const application = {
    ...identity,
    container: "app",
    image: "registry.example.com/app:1",
    name: `${pod.name}-app`,
  };
  const sidecar = {
    ...identity,
    container: "linkerd-proxy",
    image: "cr.l5d.io/linkerd/proxy",
    name: `${pod.name}-proxy`,
  };
  const meshed = proxy !== "none";
  describeUsage(exporter, { ...application, id: `/pod/${pod.name}/app` }, USAGE.application);
  if (meshed) describeUsage(exporter, { ...sidecar, id: `/pod/${pod.name}/proxy` }, USAGE.proxy);
  // The control group of the pod: the sum of its containers, without a container's name.
  const { application: own, proxy: added } = USAGE;
  const total = { cpu: own.cpu + (meshed ? added.cpu : 0), memory: own.memory + (meshed ? added.memory : 0) };
  describeUsage(exporter, { ...identity, id: `/pod/${pod.name}` }, total);
  const { quota } = USAGE;
  describeQuota(exporter, { ...application, id: `/pod/${pod.name}/app` }, quota.application, style);
  if (meshed) describeQuota(exporter, { ...sidecar, id: `/pod/${pod.name}/proxy` }, quota.proxy, style);
  const network = { ...identity, id: `/pod/${pod.name}`, interface: "eth0" };
  exporter.count("container_network_receive_bytes_total", network, USAGE.network.receive, ALWAYS);
  exporter.count("container_network_transmit_bytes_total", network, USAGE.network.transmit, ALWAYS);
  return exporter.collect();
}

function describeUsage(
  exporter: Exporter,
  labels: Labels,
  { cpu, memory }: { cpu: number; memory: number },
): void {
  exporter.count("container_cpu_usage_seconds_total", { ...labels, cpu: "total" }, cpu, ALWAYS);
  exporter.set("container_memory_working_set_bytes", labels, memory);
}

/** kube-prometheus-stack drops the seconds of throttling. */
function describeQuota(exporter: Exporter, labels: Labels, throttled: number, style: LabelStyle): void {
  exporter.count("container_cpu_cfs_periods_total", labels, USAGE.quota.periods, ALWAYS);
  exporter.count("container_cpu_cfs_throttled_periods_total", labels, throttled, ALWAYS);
  if (style === "viz")
    exporter.count("container_cpu_cfs_throttled_seconds_total", labels, throttled * 0.05, ALWAYS);
}

/** kube-state-metrics, which is a part of kube-prometheus-stack, and not of viz. */
export function describeOwners(style: LabelStyle): Series[] {
  if (style === "viz") return [];
  const target = {
    job: "kube-state-metrics",
    instance: "10.244.200.1:8080",
    endpoint: "http",
    service: "ksm",
  };
  const kinds: Readonly<Partial<Record<Kind, string>>> = {
    ...{
      deployment: "ReplicaSet",
      statefulset: "StatefulSet",
      daemonset: "DaemonSet",
      replicaset: "ReplicaSet",
    },
    ...{ replicationcontroller: "ReplicationController", job: "Job", cronjob: "Job" },
  };
  return PODS.flatMap(({ workload, name, from, to }) => {
    const exporter = new Exporter([[from, to]], attach(target, true));
    const owner = { owner_kind: kinds[workload.kind] ?? "<none>", owner_name: workload.name };
    exporter.set("kube_pod_owner", { namespace: workload.namespace, pod: name, ...owner }, 1);
    return exporter.collect();
  });
}

/** k8s.io/apiserver pkg/admission/metrics, and pkg/admission/plugin/policy/mutating/metrics, v0.36.3. */
export function describeApiServer(): Series[] {
  const exporter = new Exporter([PERIOD], attach(API_SERVER));
  const { failOpen, rejected, denied, policyChecks, policyErrors } = ADMISSION;
  const injector = { name: "linkerd-proxy-injector.linkerd.io", type: "admit" };
  const count = (name: string, labels: Labels, perMinute: number) =>
    exporter.count(`apiserver_${name}`, labels, perMinute / 60, ALWAYS);
  count("admission_webhook_fail_open_count", injector, failOpen);
  const rejection = {
    ...injector,
    operation: "CREATE",
    error_type: "calling_webhook_error",
    rejection_code: "0",
  };
  count("admission_webhook_rejection_count", rejection, rejected);
  const denial = { ...injector, operation: "CREATE", error_type: "no_error", rejection_code: "400" };
  count("admission_webhook_rejection_count", denial, denied);
  const other = { name: "other.example.com", type: "admit" };
  count("admission_webhook_fail_open_count", other, 60);
  const calls = { ...injector, operation: "CREATE", rejected: "false" };
  count("admission_webhook_admission_duration_seconds_count", calls, 60);
  count("admission_webhook_admission_duration_seconds_sum", calls, 0.6);
  const policy = { policy: "linkerd-inject-by-label", policy_binding: "linkerd-inject-by-label" };
  count("mutating_admission_policy_check_total", { ...policy, error_type: "no_error" }, policyChecks);
  count("mutating_admission_policy_check_total", { ...policy, error_type: "invalid_error" }, policyErrors);
  const series = exporter.collect();
  return [...series, ...describeScrape(PERIOD, API_SERVER, true, series.length)];
}

/** Prometheus scrapes itself, and evaluates the rules of the stack, which record when its certificates expire. */
export function describePrometheus(style: LabelStyle): Series[] {
  const labels = {
    job: style === "operator" ? "monitoring-prometheus" : "prometheus",
    instance: "localhost:9090",
  };
  const exporter = new Exporter([PERIOD], attach(labels));
  exporter.set("prometheus_tsdb_head_series", {}, 10_000);
  exporter.set("process_resident_memory_bytes", {}, 500_000_000);
  const rules = new Exporter([PERIOD], (own) => own);
  for (const [certificate, days] of Object.entries(INSTALLATION_CERTIFICATES)) {
    const end = NOW + days * 86_400;
    rules.set("linkerd_mesh:certificate_expiration_timestamp_seconds", { certificate }, end);
  }
  return [...rules.collect(), ...exporter.collect(), ...describeScrape(PERIOD, labels, true, 2)];
}
