/** Facts about pods. */
import type { V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import type { ProbeCluster } from "../cluster/probe-cluster.ts";
import type { WorkloadName } from "../workloads/names.ts";

/** The container that Linkerd's injector adds (linkerd2, pkg/k8s/labels.go: ProxyContainerName). */
const PROXY = "linkerd-proxy";

/**
 * How the proxy of a pod runs: `native` as an init container with `restartPolicy: Always`, which exits with the
 * other containers; `container` beside them; `undefined` without a proxy.
 */
export type ProxyKind = "native" | "container" | undefined;

export function proxyOf({ spec }: V1Pod): ProxyKind {
  if (spec?.initContainers?.some(({ name }) => name === PROXY)) return "native";
  return spec?.containers.some(({ name }) => name === PROXY) ? "container" : undefined;
}

export function nameOf(pod: V1Pod): string {
  return pod.metadata?.name ?? "";
}

/** The states of the application's containers. */
export function applicationStatuses({ status }: V1Pod): V1ContainerStatus[] {
  return status?.containerStatuses?.filter(({ name }) => name !== PROXY) ?? [];
}

/** Whether a proxy runs now, of either kind. */
export function isProxyRunning({ status }: V1Pod): boolean {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.some(({ name, state }) => name === PROXY && state?.running !== undefined);
}

/** Those of the workloads that have a pod without a proxy. */
export async function withoutProxy(
  cluster: ProbeCluster,
  workloads: readonly WorkloadName[],
): Promise<WorkloadName[]> {
  const pods = await Promise.all(workloads.map((workload) => podsOf(cluster, workload)));
  return workloads.filter((_, index) => pods[index]?.some((pod) => proxyOf(pod) === undefined));
}

/** The pods of a workload. Rejects without any: the workload was not deployed. */
export async function podsOf(cluster: ProbeCluster, workload: WorkloadName): Promise<V1Pod[]> {
  const pods = await cluster.pods(workload);
  if (pods.length === 0) throw new Error(`workload ${workload}: must have a pod, got none`);
  return pods;
}
