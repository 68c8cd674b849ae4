/** Load on a server while something else happens. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ProbeCluster } from "../cluster/probe-cluster.ts";
import type { LoadResult, RequestLoad } from "../probe/protocol.ts";
import { HTTP_PORT } from "../workloads/names.ts";
import { addLoads, type LoadTotals } from "./load-totals.ts";

const URL = `http://echo:${HTTP_PORT}/`;

/** Short requests show whether each moment has a server that accepts them. */
const SHORT: RequestLoad = { url: URL, intervalMs: 20 };

/**
 * Requests of 2 s, four at a time, show whether servers complete open requests when they stop: on each of two pods, one is
 * open at nearly every moment. A pod that stops serves for longer than that (probe/serve-http.ts).
 */
const LONG: RequestLoad = { url: `${URL}?ms=2000`, connections: 4 };

/** Milliseconds: the duration of one run of the script, and the time from the start of the load to that of the work. */
const TIMING = { run: 8_000, lead: 3_000 };

/** Options of {@link loadDuring}. */
export interface LoadOptions {
  /** Send requests that are open for long as well. They slow the pods down, as the client's proxy sees it. @default false */
  readonly long?: boolean;
  /** @default {@link TIMING} */
  readonly timing?: typeof TIMING;
}

/** The result of work under load. */
export interface LoadedWork<Result> {
  readonly load: LoadTotals;
  /** Duration of the load. */
  readonly seconds: number;
  readonly result: Result;
}

/**
 * Sends requests from `client` to `echo` from a few seconds before `work` until after it, and returns both results.
 *
 * A run of the script takes a bounded time. Two sequences of runs overlap, so that requests are sent at every moment of
 * the work. The lead is longer than the script needs to start.
 */
export async function loadDuring<Result>(
  cluster: Pick<ProbeCluster, "run">,
  signal: AbortSignal,
  work: () => Promise<Result>,
  { long = false, timing = TIMING }: LoadOptions = {},
): Promise<LoadedWork<Result>> {
  const kinds = long ? [SHORT, LONG] : [SHORT];
  const loads: LoadResult[] = [];
  const start = Date.now();
  let isDone = false;
  const sendRequests = async (delayMs: number) => {
    await sleep(delayMs);
    do {
      const results = kinds.map((kind) =>
        cluster.run("client", "http-requests", { ...kind, durationMs: timing.run }),
      );
      loads.push(...(await Promise.all(results)));
    } while (!isDone && !signal.aborted);
  };
  const worked = sleep(timing.lead, undefined, { signal })
    .then(work)
    .finally(() => {
      isDone = true;
    });
  const [result] = await settleAll([worked, sendRequests(0), sendRequests(timing.run / 2)]);
  return { load: addLoads(loads), seconds: (Date.now() - start) / 1000, result };
}

/** Waits for all promises, then rejects with the first error in their order. */
async function settleAll<Result>(
  promises: readonly [Promise<Result>, ...Promise<void>[]],
): Promise<[Result, ...unknown[]]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
