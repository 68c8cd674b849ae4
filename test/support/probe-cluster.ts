import timers from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { vi } from "vitest";
import type { CheckContext } from "../../verify/checks/check.ts";
import { identityOf, type MeshFacts } from "../../verify/cluster/mesh-facts.ts";
import type { HttpAnswer, ProbeCluster } from "../../verify/cluster/probe-cluster.ts";
import type { LoadResult, ProbeScript } from "../../verify/probe/protocol.ts";
import type { WorkloadName } from "../../verify/workloads/names.ts";

export const NAMESPACE = "mesh-verify";

/** A mesh that another tool installed. */
export const MESH: MeshFacts = {
  namespace: "linkerd",
  trustDomain: "cluster.local",
  trustRootsPem: "",
  vizNamespace: undefined,
  injectsByLabel: false,
  stack: undefined,
  admissionAtStart: undefined,
};

export function identity(serviceAccount: string): string {
  return identityOf(MESH, NAMESPACE, serviceAccount);
}

/** How the simulated cluster answers. Without a function for a method, the method rejects. */
export interface Answers {
  pods?: (workload: WorkloadName) => V1Pod[];
  run?: (where: WorkloadName | string, script: ProbeScript, args: never) => unknown;
  get?: (path: string) => HttpAnswer;
}

/** A context on a simulated cluster. `run` gets the name of the workload, or of the pod. */
export function contextOn(answers: Answers, mesh: Partial<MeshFacts> = {}): CheckContext {
  const reject = async (): Promise<never> => {
    throw new Error("not simulated");
  };
  const cluster: ProbeCluster = {
    pods: async (workload) => (answers.pods ?? (() => [meshedPod(workload)]))(workload),
    listPods: reject,
    run: async (where, script, args) =>
      answers.run?.(
        typeof where === "string" ? where : (where.metadata?.name ?? ""),
        script,
        args as never,
      ) as never,
    get: async (path) => (answers.get ? answers.get(path) : reject()),
    getFromPod: reject,
    restart: reject,
  };
  return { namespace: NAMESPACE, cluster, mesh: { ...MESH, ...mesh }, signal: new AbortController().signal };
}

/** A ready pod with a proxy as native sidecar. Fields of `pod` replace its own. */
export function meshedPod(name: string, pod: Partial<V1Pod> = {}): V1Pod {
  return {
    metadata: { name },
    spec: {
      serviceAccountName: name.replace(/-\d+$/, ""),
      initContainers: [{ name: "linkerd-init" }, { name: "linkerd-proxy", restartPolicy: "Always" }],
      containers: [{ name: "main" }],
    },
    status: {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [{ name: "main", ready: true, restartCount: 0, image: "node", imageID: "" }],
    },
    ...pod,
  };
}

/** The same pod without a proxy. */
export function unmeshedPod(name: string): V1Pod {
  return meshedPod(name, { spec: { serviceAccountName: name, containers: [{ name: "main" }] } });
}

/** The result of requests that were all answered with 200. Fields of `load` replace its own. */
export function loadOf(sent: number, load: Partial<LoadResult> = {}): LoadResult {
  return {
    sent,
    statuses: { "200": sent },
    errors: {},
    pods: {},
    clientIdentities: {},
    connections: 1,
    latency: { p50: 3, max: 9 },
    lastBody: "{}",
    ...load,
  };
}

/** Runs a check with a clock that advances at once where the check waits. */
export async function withoutWaiting<Result>(run: () => Promise<Result>): Promise<Result> {
  vi.useFakeTimers({ toFake: ["performance"] });
  const wait = vi.spyOn(timers, "setTimeout").mockImplementation(async (ms = 0, value) => {
    vi.advanceTimersByTime(ms);
    return value as never;
  });
  try {
    return await run();
  } finally {
    wait.mockRestore();
    vi.useRealTimers();
  }
}
