/**
 * CPU and memory of containers, from the kubelet's cAdvisor.
 *
 * viz's Prometheus scrapes it (job `kubernetes-nodes-cadvisor`), and so does kube-prometheus-stack. Series have `namespace`,
 * `pod` and `container`, and nothing of the mesh. Series without `container` are the sum of a pod, those of `POD` its pause
 * container. Limits and requests need kube-state-metrics, which viz does not have.
 */
import { WORKLOAD } from "../derived-labels.ts";
import { finish, type Query, rate, select, share, sumBy } from "../expression.ts";
import { proxiesOfPods } from "../mesh/proxies.ts";

/** Containers of one side of a meshed pod. A native sidecar has the same name, so init containers need nothing else. */
export const CONTAINERS = {
  application: 'container!~"|POD|linkerd-proxy|linkerd-init|linkerd-network-validator"',
  proxy: 'container="linkerd-proxy"',
} as const;

/** Whose usage. */
export type Side = keyof typeof CONTAINERS;

const container = (metric: string, side: Side, matchers?: string) =>
  select(`container_${metric}`, CONTAINERS[side], matchers);

const cpu = (side: Side, query: Query) =>
  rate(container("cpu_usage_seconds_total", side, query.matchers), query);
const memory = (side: Side, query: Query) => container("memory_working_set_bytes", side, query.matchers);

/** CPU seconds per second. */
export function cpuUsage(side: Side, query: Query = {}): string {
  const { by = [] } = query;
  return sumBy(by, cpu(side, query));
}

/** Working set in bytes: what the kubelet compares with the limit. */
export function memoryUsage(side: Side, query: Query = {}): string {
  const { by = [] } = query;
  return sumBy(by, memory(side, query));
}

/** The share of scheduling periods in which a container waited for its CPU limit, 0 to 1. No series without a limit. */
export function cpuThrottling(side: Side, query: Query = {}): string {
  const { by = [], matchers } = query;
  const periods = (name: string) => rate(container(`cpu_cfs_${name}_total`, side, matchers), query);
  return share(by, periods("throttled_periods"), periods("periods"));
}

/** Usage of pods, with the workloads of their proxies. Both have to be in one Prometheus. */
function byWorkload(usage: string, matchers: string): string {
  const pods = sumBy(["namespace", "pod"], usage);
  const owners = proxiesOfPods(matchers);
  return finish(WORKLOAD, sumBy(WORKLOAD, `${owners} * on (namespace, pod) group_left () ${pods}`));
}

/** CPU of meshed pods by workload. `matchers` have to fit containers and proxies: those of `namespace` and `pod` do. */
export function workloadCpu(side: Side, matchers: string, window?: string): string {
  return byWorkload(cpu(side, { matchers, ...(window && { window }) }), matchers);
}

/** Working set of meshed pods by workload. As {@link workloadCpu}. */
export function workloadMemory(side: Side, matchers: string): string {
  return byWorkload(memory(side, { matchers }), matchers);
}
