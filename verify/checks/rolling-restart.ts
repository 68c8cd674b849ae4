/** A rolling restart of a server under load. */
import { loadDuring } from "../load/load-during.ts";
import { judgeLoad, type LoadTotals } from "../load/load-totals.ts";
import { nameOf } from "../observation/pods.ts";
import type { Finding, Problem } from "../report/finding.ts";
import type { Check, CheckContext } from "./check.ts";

/** What a restart under load shows. */
export interface RestartObservation {
  readonly load: LoadTotals;
  /** Names of the server's pods. */
  readonly podsBefore: readonly string[];
  readonly podsAfter: readonly string[];
  /** From the start of the restart until the rollout was complete. */
  readonly seconds: number;
}

export const rollingRestart: Check = {
  name: "rolling-restart",
  title: "A rolling restart of the server under load loses no request",
  workloads: ["client", "echo"],
  run: async ({ cluster, signal }) => judgeRestart(await observeRestart(cluster, signal)),
};

async function observeRestart(
  cluster: CheckContext["cluster"],
  signal: AbortSignal,
): Promise<RestartObservation> {
  const podNames = async () => (await cluster.pods("echo")).map(nameOf);
  const podsBefore = await podNames();
  const restart = async () => {
    const start = Date.now();
    await cluster.restart("echo", signal);
    return (Date.now() - start) / 1000;
  };
  const { load, result: seconds } = await loadDuring(cluster, signal, restart, { long: true });
  return { load, podsBefore, podsAfter: await podNames(), seconds };
}

/** Judges a restart: every request is answered with 200, and pods from before and after it answered. */
export function judgeRestart({ load, podsBefore, podsAfter, seconds }: RestartObservation): Finding {
  const before = new Set(podsBefore);
  const countAnswers = (pods: readonly string[]) => pods.reduce((sum, pod) => sum + (load.pods[pod] ?? 0), 0);
  const remaining = podsAfter.filter((pod) => before.has(pod));
  const created = podsAfter.filter((pod) => !before.has(pod));
  const [oldAnswers, newAnswers] = [countAnswers(podsBefore), countAnswers(created)];
  const problems = judgeLoad(
    load,
    "during the restart",
    "A pod that terminates is closed before its callers know that it leaves: its proxy is not a native sidecar, so it " +
      "stops together with the application, or the application stops at SIGTERM without completing open requests.",
    "docs/workloads.md#mesh-options-mesh",
  );
  if (load.sent > 0) problems.push(...judgeGenerations(remaining, oldAnswers, created, newAnswers));
  const observed = `${load.sent} requests in a restart of ${seconds.toFixed(0)} s, ${load.statuses[200] ?? 0} answered with 200: ${oldAnswers} by old pods, ${newAnswers} by new pods`;
  return { observed: [observed], problems };
}

/** Without answers of both generations, the load did not cover the restart. */
function judgeGenerations(
  remaining: readonly string[],
  oldAnswers: number,
  created: readonly string[],
  newAnswers: number,
): Problem[] {
  if (remaining.length > 0 || created.length === 0) {
    return [
      {
        observed: `the restart did not replace the pods ${remaining.join(", ") || "of echo"}`,
        cause: "The rollout did not complete, e.g. because new pods do not become ready or have no node.",
        docs: "docs/verify.md#rolling-restart",
      },
    ];
  }
  if (oldAnswers > 0 && newAnswers > 0) return [];
  const generation = oldAnswers === 0 ? "before" : "after";
  return [
    {
      observed: `no request was answered by a pod from ${generation} the restart`,
      cause:
        generation === "after"
          ? "The client's proxy does not learn about new pods: it lost its connection to the destination controller."
          : "The load began after the restart, so nothing is proven.",
      docs: "docs/verify.md#rolling-restart",
    },
  ];
}
