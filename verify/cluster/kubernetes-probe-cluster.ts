/** {@link ProbeCluster} on the Kubernetes API. */
import { setTimeout as sleep } from "node:timers/promises";
import { CoreV1Api, type V1Deployment, type V1Pod } from "@kubernetes/client-node";
import type { ProbeScript, ProbeScripts } from "../probe/protocol.ts";
import type { WorkloadName } from "../workloads/names.ts";
import { CONTAINER, WORKLOAD_LABEL } from "../workloads/pods.ts";
import { scriptCommand } from "../workloads/scripts.ts";
import { isReady } from "./conditions.ts";
import { type Connection, messageOf } from "./connection.ts";
import { execute } from "./exec.ts";
import { getThroughPortForward } from "./port-forward.ts";
import type { HttpAnswer, ProbeCluster } from "./probe-cluster.ts";

const POLL_MS = 500;

/** The workloads in `namespace`. When `signal` aborts, scripts that still run reject. */
export class KubernetesProbeCluster implements ProbeCluster {
  readonly #connection: Connection;
  readonly #namespace: string;
  readonly #signal: AbortSignal;

  constructor(connection: Connection, namespace: string, signal: AbortSignal) {
    this.#connection = connection;
    this.#namespace = namespace;
    this.#signal = signal;
  }

  async pods(workload: WorkloadName): Promise<V1Pod[]> {
    const created = ({ metadata }: V1Pod) => metadata?.creationTimestamp?.getTime() ?? 0;
    return (await this.listPods(this.#namespace, `${WORKLOAD_LABEL}=${workload}`))
      .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
      .sort((a, b) => created(a) - created(b));
  }

  async listPods(namespace: string, labelSelector: string): Promise<V1Pod[]> {
    const api = this.#connection.kubeConfig.makeApiClient(CoreV1Api);
    try {
      return (await api.listNamespacedPod({ namespace, labelSelector })).items;
    } catch (error) {
      const { body, message } = error as { body?: string; message: string };
      throw new Error(`cannot list pods in ${namespace}: ${body ? messageOf(body) : message}`, {
        cause: error,
      });
    }
  }

  async run<Script extends ProbeScript>(
    where: WorkloadName | V1Pod,
    script: Script,
    args: ProbeScripts[Script]["args"],
  ): Promise<ProbeScripts[Script]["result"]> {
    const pod = typeof where === "string" ? await this.#readyPod(where) : where;
    const target = {
      namespace: pod.metadata?.namespace ?? this.#namespace,
      pod: pod.metadata?.name ?? "",
      container: CONTAINER,
    };
    const command = scriptCommand(script, JSON.stringify(args));
    return JSON.parse(await execute(this.#connection, target, command, this.#signal));
  }

  async #readyPod(workload: WorkloadName): Promise<V1Pod> {
    const ready = (await this.pods(workload)).findLast(isReady);
    if (!ready) throw new Error(`workload ${workload}: must have a ready pod, got none`);
    return ready;
  }

  get(path: string): Promise<HttpAnswer> {
    return this.#connection.send(path);
  }

  getFromPod(namespace: string, pod: string, port: number, path: string): Promise<HttpAnswer> {
    return getThroughPortForward(this.#connection, { namespace, pod, port }, path);
  }

  async restart(workload: WorkloadName, signal: AbortSignal): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${this.#namespace}/deployments/${workload}`;
    // As kubectl (staging/src/k8s.io/kubectl/pkg/polymorphichelpers/objectrestarter.go).
    const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
    let deployment = await this.#connection.read<V1Deployment>(path, {
      method: "PATCH",
      patch: { spec: { template: { metadata: { annotations } } } },
    });
    while (deployment && !isRolledOut(deployment)) {
      await sleep(POLL_MS, undefined, { signal });
      deployment = await this.#connection.read<V1Deployment>(path);
    }
    if (!deployment) throw new Error(`workload ${workload}: must be a Deployment, got none`);
  }
}

/** Whether all pods have the current template and are available, and no other pod is left. */
export function isRolledOut({ metadata, spec, status }: V1Deployment): boolean {
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {};
  const wanted = spec?.replicas ?? 1;
  return (
    observedGeneration >= (metadata?.generation ?? 0) &&
    [replicas, updatedReplicas, availableReplicas].every((count) => count === wanted)
  );
}
