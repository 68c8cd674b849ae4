/** Authorization: `allowFrom` admits its callers only, and the probes of the kubelet. */
import type { V1Pod } from "@kubernetes/client-node";
import { isReady } from "../cluster/conditions.ts";
import { eventually } from "../observation/eventually.ts";
import { applicationStatuses, nameOf, podsOf, withoutProxy } from "../observation/pods.ts";
import { missingProxies } from "../observation/problems.ts";
import { allSucceeded, formatAnswers, formatNumber, isDenied } from "../observation/requests.ts";
import type { LoadResult } from "../probe/protocol.ts";
import type { Finding, Problem } from "../report/finding.ts";
import { HTTP_PORT, type WorkloadName } from "../workloads/names.ts";
import type { Check, CheckContext } from "./check.ts";

const REQUESTS = 5;
const LOAD = { url: `http://guarded:${HTTP_PORT}/`, count: REQUESTS, timeoutMs: 8_000, newConnections: true };

export interface AuthorizationObservation {
  /** Those of `client`, `stranger` and `guarded` that have a pod without a proxy. */
  readonly withoutProxy: readonly WorkloadName[];
  readonly client: LoadResult;
  readonly stranger: LoadResult;
  readonly unmeshed: LoadResult;
  readonly guarded: readonly GuardedPod[];
}

export interface GuardedPod {
  readonly pod: string;
  readonly ready: boolean;
  /** Restarts of the application's containers. */
  readonly restarts: number;
}

export const authorization: Check = {
  name: "authorization",
  title: "`allowFrom` admits the allowed caller only",
  workloads: ["client", "stranger", "unmeshed", "guarded"],
  run: async (context) => {
    const observation = await eventually(
      () => observe(context),
      (observation) => judgeAuthorization(observation).problems.length === 0,
      { withinMs: 20_000, intervalMs: 2_000, signal: context.signal },
    );
    return judgeAuthorization(observation);
  },
};

async function observe({ cluster }: CheckContext): Promise<AuthorizationObservation> {
  const request = (workload: WorkloadName) => cluster.run(workload, "http-requests", LOAD);
  const [client, stranger, unmeshed] = await Promise.all([
    request("client"),
    request("stranger"),
    request("unmeshed"),
  ]);
  return {
    withoutProxy: await withoutProxy(cluster, ["client", "stranger", "guarded"]),
    client,
    stranger,
    unmeshed,
    guarded: (await podsOf(cluster, "guarded")).map(describe),
  };
}

function describe(pod: V1Pod): GuardedPod {
  const restarts = applicationStatuses(pod).reduce((sum, { restartCount }) => sum + restartCount, 0);
  return { pod: nameOf(pod), ready: isReady(pod), restarts };
}

export function judgeAuthorization(observation: AuthorizationObservation): Finding {
  const { withoutProxy, client, stranger, unmeshed, guarded } = observation;
  if (withoutProxy.length > 0) return { observed: [], problems: [missingProxies(withoutProxy)] };
  const problems = [
    ...judgeProbes(guarded),
    ...judgeAllowed(client),
    ...judgeDenied({ "stranger, which is meshed": stranger, "unmeshed, which is not": unmeshed }),
  ];
  if (problems.length > 0) return { observed: [], problems };
  return {
    observed: [
      `client, which is allowed: ${formatAnswers(client)}`,
      `stranger, which is meshed: ${formatAnswers(stranger)}`,
      `unmeshed, which is not: ${formatAnswers(unmeshed)}`,
      `the pod of guarded is ready after 0 restarts, so its probes pass`,
    ],
    problems,
  };
}

function judgeProbes(pods: readonly GuardedPod[]): Problem[] {
  const failed = pods.filter(({ ready, restarts }) => !ready || restarts > 0);
  if (failed.length === 0) return [];
  const states = failed.map(
    ({ pod, ready, restarts }) =>
      `${pod} is ${ready ? "ready" : "not ready"} after ${formatNumber(restarts, "restart")}`,
  );
  return [
    {
      observed: `the probes of guarded fail: ${states.join(", ")}`,
      cause: "The proxy denies the probes of the kubelet, because Linkerd does not exempt them.",
      docs: "docs/workloads.md#probes-and-hooks",
    },
  ];
}

function judgeAllowed(load: LoadResult): Problem[] {
  if (allSucceeded(load)) return [];
  const observed = `client, which is allowed: ${formatAnswers(load)}, instead of ${load.sent} × 200`;
  return isDenied(load)
    ? [
        {
          observed,
          cause: "The callers in the MeshTLSAuthentication do not include the identity of the client.",
          docs: "docs/workloads.md#authorization-allowfrom",
        },
      ]
    : [
        {
          observed,
          cause: "The requests did not reach guarded, or it does not answer.",
          docs: "docs/workloads.md#ports",
        },
      ];
}

/** One problem for the callers that were admitted, and one for those whose requests failed for another reason. */
function judgeDenied(loads: Readonly<Record<string, LoadResult>>): Problem[] {
  const others = Object.entries(loads).filter(([, load]) => !isDenied(load));
  const isAdmitted = ([, { statuses }]: [string, LoadResult]) => statuses["200"] !== undefined;
  const admitted = others.filter(isAdmitted).map(format);
  const unclear = others.filter((entry) => !isAdmitted(entry)).map(format);
  const problems: Problem[] = [];
  if (admitted.length > 0) {
    problems.push({
      observed: `guarded answered callers that are not allowed: ${admitted.join("; ")}`,
      cause:
        "The Server or the AuthorizationPolicy of guarded is missing or allows all callers, or the port bypasses the proxy.",
      docs: "docs/workloads.md#authorization-allowfrom",
    });
  }
  if (unclear.length > 0) {
    problems.push({
      observed: `neither an answer nor a denial, so this check proves nothing: ${unclear.join("; ")}`,
      cause:
        "The requests did not reach the proxy of guarded, for example because of a network policy or DNS.",
      docs: "docs/workloads.md#authorization-allowfrom",
    });
  }
  return problems;
}

function format([caller, load]: [string, LoadResult]): string {
  return `${caller}: ${formatAnswers(load)}`;
}
