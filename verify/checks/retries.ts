/** Retries and timeouts: the client's proxy follows the annotations of the Service. */
import { randomUUID } from "node:crypto";
import { eventually } from "../observation/eventually.ts";
import { withoutProxy } from "../observation/pods.ts";
import { missingProxies } from "../observation/problems.ts";
import { allSucceeded, formatAnswers, formatDuration, formatNumber } from "../observation/requests.ts";
import type { LoadResult } from "../probe/protocol.ts";
import type { Finding, Problem } from "../report/finding.ts";
import { FLAKY_TIMEOUT_SECONDS, HTTP_PORT, type WorkloadName } from "../workloads/names.ts";
import type { Check, CheckContext } from "./check.ts";

const URL = `http://flaky:${HTTP_PORT}`;
/** Each ID is one request of the client that fails first. */
const IDS = 3;
const EXPECTED_ATTEMPTS = 2;
const DELAY_MS = 6_000;
/**
 * Bounds of the duration of the request that times out, as multiples of the timeout. A busy node answers late: 5.0 s were
 * measured with ten times as many processes as cores. The upper bound is below the time of the response.
 */
const TIMEOUT_BOUNDS = { min: 0.5, max: 2.75 };

export interface RetriedRequest {
  readonly load: LoadResult;
  /** Number of requests that the server counted. */
  readonly attempts: number;
}

export interface RetriesObservation {
  /** Those of `client` and `flaky` that have a pod without a proxy. */
  readonly withoutProxy: readonly WorkloadName[];
  readonly retried: readonly RetriedRequest[];
  /** The request that takes longer than the timeout. */
  readonly slow: LoadResult;
}

export const retries: Check = {
  name: "retries",
  title: "Retries and timeouts follow the annotations of the Service",
  workloads: ["client", "flaky"],
  run: async (context) => {
    // The annotations of a new Service take a moment to reach the proxy. Each attempt uses new IDs.
    const observation = await eventually(
      () => observe(context),
      (observation) => judgeRetries(observation).problems.length === 0,
      { withinMs: 15_000, intervalMs: 2_000, signal: context.signal },
    );
    return judgeRetries(observation);
  },
};

async function observe({ cluster }: CheckContext): Promise<RetriesObservation> {
  const request = (path: string) =>
    cluster.run("client", "http-requests", { url: `${URL}${path}`, count: 1, timeoutMs: 2 * DELAY_MS });
  const retry = async (id: string): Promise<RetriedRequest> => ({
    load: await request(`/flaky?id=${id}`),
    attempts: readAttempts(await request(`/attempts?id=${id}`)),
  });
  const [slow, ...retried] = await Promise.all([
    request(`/slow?ms=${DELAY_MS}`),
    ...Array.from({ length: IDS }, () => retry(randomUUID())),
  ]);
  return { withoutProxy: await withoutProxy(cluster, ["client", "flaky"]), retried, slow };
}

/** The number that `GET /attempts` returned; 0 without an answer, as for an ID that the server has not seen. */
function readAttempts(load: LoadResult): number {
  return allSucceeded(load) ? (JSON.parse(load.lastBody) as { attempts: number }).attempts : 0;
}

export function judgeRetries({ withoutProxy, retried, slow }: RetriesObservation): Finding {
  if (withoutProxy.length > 0) return { observed: [], problems: [missingProxies(withoutProxy)] };
  const problems = [...judgeRetried(retried), ...judgeTimeout(slow)];
  if (problems.length > 0) return { observed: [], problems };
  return {
    observed: [
      `${retried.length} requests failed first and were answered with 200; the server counted ${EXPECTED_ATTEMPTS} attempts for each`,
      `a request of ${formatDuration(DELAY_MS)} was answered with 504 after ${formatDuration(slow.latency.max)}; the timeout is ${FLAKY_TIMEOUT_SECONDS} s`,
    ],
    problems,
  };
}

function judgeRetried(retried: readonly RetriedRequest[]): Problem[] {
  const wrong = retried.filter(({ load, attempts }) => !allSucceeded(load) || attempts !== EXPECTED_ATTEMPTS);
  if (wrong.length === 0) return [];
  const results = wrong.map(
    ({ load, attempts }) => `${formatAnswers(load)} after ${formatNumber(attempts, "attempt")}`,
  );
  return [
    {
      observed: `${wrong.length} of ${retried.length} requests were not answered with 200 after ${EXPECTED_ATTEMPTS} attempts: ${results.join("; ")}`,
      cause: retryCause(wrong),
      docs: "docs/workloads.md#options-of-mesheddeployment",
    },
  ];
}

function retryCause(wrong: readonly RetriedRequest[]): string {
  if (wrong.some(({ attempts }) => attempts > EXPECTED_ATTEMPTS)) {
    return "Something besides the annotations of the Service repeats requests, for example a route of its own.";
  }
  if (wrong.some(({ load }) => load.statuses["503"] !== undefined)) {
    return "The Service does not have the annotation retry.linkerd.io/http, a route without it takes precedence, or its port is opaque or skipped.";
  }
  return "The requests did not reach the server through the proxy of the client.";
}

function judgeTimeout(slow: LoadResult): Problem[] {
  const after = slow.latency.max;
  const timeoutMs = FLAKY_TIMEOUT_SECONDS * 1_000;
  const isTimely = after >= TIMEOUT_BOUNDS.min * timeoutMs && after <= TIMEOUT_BOUNDS.max * timeoutMs;
  if (slow.statuses["504"] === slow.sent && isTimely) return [];
  return [
    {
      observed: `a request of ${formatDuration(DELAY_MS)}: ${formatAnswers(slow)} after ${formatDuration(after)}, instead of 504 after ${FLAKY_TIMEOUT_SECONDS} s`,
      cause:
        "The Service does not have the annotation timeout.linkerd.io/request with this value, a route without it takes precedence, or its port is opaque or skipped.",
      docs: "docs/workloads.md#options-of-mesheddeployment",
    },
  ];
}
