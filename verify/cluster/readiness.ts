/** Waits for the workloads, and explains why one is not ready. */
import { setTimeout as sleep } from "node:timers/promises";
import type { V1ContainerStatus, V1Deployment, V1Pod, V1PodList } from "@kubernetes/client-node";
import type { WorkloadName } from "../workloads/names.ts";
import { WORKLOAD_LABEL } from "../workloads/pods.ts";
import { isReady } from "./conditions.ts";
import type { Connection } from "./connection.ts";
import { isRolledOut } from "./kubernetes-probe-cluster.ts";

const POLL_MS = 500;

/** The workloads that end. Whether they do is what a check observes. */
const ENDING: readonly WorkloadName[] = ["job", "cron-job"];

/** Why each workload that is not ready is not, one sentence without a full stop. */
export type Unready = ReadonlyMap<WorkloadName, string>;

/** Waits until the workloads are ready, at most for `limitMs`. */
export async function waitForWorkloads(
  connection: Connection,
  namespace: string,
  workloads: readonly WorkloadName[],
  limitMs: number,
  signal: AbortSignal,
): Promise<Unready> {
  const deadline = Date.now() + limitMs;
  const awaited = workloads.filter((workload) => !ENDING.includes(workload));
  for (;;) {
    const states = await Promise.all(
      awaited.map(
        async (workload) => [workload, await findObstacle(connection, namespace, workload)] as const,
      ),
    );
    const unready = states.flatMap(([name, reason]) =>
      reason === undefined ? [] : [[name, reason] as const],
    );
    if (unready.length === 0 || Date.now() >= deadline) return new Map(unready);
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Why a workload is not ready; `undefined` if it is. */
async function findObstacle(
  connection: Connection,
  namespace: string,
  workload: WorkloadName,
): Promise<string | undefined> {
  const selector = encodeURIComponent(`${WORKLOAD_LABEL}=${workload}`);
  const pods = `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`;
  const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/${workload}`;
  const [list, controller] = await Promise.all([
    connection.read<V1PodList>(pods),
    workload === "label-only" ? undefined : connection.read<V1Deployment>(deployment),
  ]);
  return workload === "label-only"
    ? describePods(list?.items ?? [], 1)
    : describeDeployment(controller, list?.items ?? []);
}

/** Why a Deployment is not ready; `undefined` if it is. */
export function describeDeployment(
  deployment: V1Deployment | undefined,
  pods: readonly V1Pod[],
): string | undefined {
  if (deployment === undefined) return "it does not exist";
  if (isRolledOut(deployment)) return undefined;
  // Such as a quota, or a webhook that rejects the pods.
  const failure = deployment.status?.conditions?.find(
    ({ type, status }) => type === "ReplicaFailure" && status === "True",
  );
  if (failure?.message) return failure.message;
  return describePods(pods, deployment.spec?.replicas ?? 1) ?? "its rollout is not complete";
}

function describePods(pods: readonly V1Pod[], wanted: number): string | undefined {
  const ready = pods.filter(isReady).length;
  if (ready >= wanted) return undefined;
  const reasons = pods.filter((pod) => !isReady(pod)).map(describePod);
  return [`${ready} of ${wanted} pods are ready`, ...new Set(reasons.filter((reason) => reason !== ""))].join(
    ": ",
  );
}

/** What a pod waits for: a node, a container, or its readiness probe. */
function describePod({ status }: V1Pod): string {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  // The first one, because init containers start in order.
  const reasons = statuses.map(describeContainer).find((reason) => reason !== undefined);
  const unscheduled = status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  return reasons ?? unscheduled?.message ?? status?.message ?? "";
}

/** Why a container does not run; `undefined` if it does, or only waits for others. */
function describeContainer({ name, state, lastState, ready }: V1ContainerStatus): string | undefined {
  const { waiting, running, terminated } = state ?? {};
  if (waiting) {
    const { reason = "", message } = waiting;
    if (["PodInitializing", "ContainerCreating"].includes(reason)) return undefined;
    const exit = lastState?.terminated && `exit code ${lastState.terminated.exitCode}`;
    return [`container ${name}`, reason, message ?? exit].filter(Boolean).join(": ");
  }
  if (terminated && terminated.exitCode !== 0) return `container ${name}: exit code ${terminated.exitCode}`;
  return running && !ready ? `container ${name} runs, but is not ready` : undefined;
}
