/** What the checks need of the cluster. */
import type { V1Pod } from "@kubernetes/client-node";
import type { ProbeScript, ProbeScripts } from "../probe/protocol.ts";
import type { WorkloadName } from "../workloads/names.ts";

/** An answer of the API server, or of a server behind a port-forward. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** A connection to the cluster. Every method rejects with an `Error` if the cluster does not answer or denies access. */
export interface ProbeCluster {
  /** The pods of a workload that are not being deleted, newest last. */
  pods(workload: WorkloadName): Promise<V1Pod[]>;
  /** The pods of any namespace with these labels. */
  listPods(namespace: string, labelSelector: string): Promise<V1Pod[]>;
  /** Runs a script in a ready pod of the workload, or in the given pod, and returns its result. */
  run<Script extends ProbeScript>(
    where: WorkloadName | V1Pod,
    script: Script,
    args: ProbeScripts[Script]["args"],
  ): Promise<ProbeScripts[Script]["result"]>;
  /** Sends GET to the API server, e.g. `/metrics` or `/apis/apps/v1/namespaces/n/deployments/d`. Any status resolves. */
  get(path: string): Promise<HttpAnswer>;
  /** Sends GET to a port of a pod through a port-forward, with `Host: localhost:<port>`. */
  getFromPod(namespace: string, pod: string, port: number, path: string): Promise<HttpAnswer>;
  /** Restarts the pods of a workload as `kubectl rollout restart` does, and waits until the rollout is complete. */
  restart(workload: WorkloadName, signal: AbortSignal): Promise<void>;
}
