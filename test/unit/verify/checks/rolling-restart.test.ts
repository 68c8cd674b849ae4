import { expect, test } from "vitest";
import { judgeRestart, type RestartObservation } from "../../../../verify/checks/rolling-restart.ts";
import { loadDuring } from "../../../../verify/load/load-during.ts";
import { addLoads } from "../../../../verify/load/load-totals.ts";
import type { RequestLoad } from "../../../../verify/probe/protocol.ts";
import { onlyProblem } from "../problems.ts";
import { healthyLoad, loadResult } from "./load.ts";

const healthy: RestartObservation = {
  load: healthyLoad,
  podsBefore: ["echo-old-a", "echo-old-b"],
  podsAfter: ["echo-new-a", "echo-new-b"],
  seconds: 12.3,
};

test("a restart passes if every request is answered with 200 and pods of both generations answered", () => {
  expect(judgeRestart(healthy)).toEqual({
    observed: ["100 requests in a restart of 12 s, 100 answered with 200: 60 by old pods, 40 by new pods"],
    problems: [],
  });
});

test.each<[string, Partial<RestartObservation>, RegExp]>([
  [
    "a request that is answered with an error",
    { load: { ...healthyLoad, statuses: { 200: 98, 503: 2 } } },
    /^2 of 100 requests were lost during the restart: 2 with status 503$/,
  ],
  [
    "a request without an answer",
    { load: { ...healthyLoad, statuses: { 200: 99 }, errors: { ECONNRESET: 1 } } },
    /^1 of 100 requests were lost during the restart: 1 with ECONNRESET$/,
  ],
  [
    "a request that is not accounted for",
    { load: { ...healthyLoad, statuses: { 200: 99 } } },
    /^1 of 100 requests were lost during the restart$/,
  ],
  [
    "a load without requests",
    { load: { sent: 0, statuses: {}, errors: {}, pods: {} } },
    /^no request was sent during the restart$/,
  ],
  [
    "a restart that keeps a pod",
    { podsAfter: ["echo-old-a", "echo-new-a"] },
    /^the restart did not replace the pods echo-old-a$/,
  ],
  ["a restart without new pods", { podsAfter: [] }, /^the restart did not replace the pods of echo$/],
  [
    "a load that begins after the restart",
    { load: { ...healthyLoad, pods: { "echo-new-a": 100 } } },
    /^no request was answered by a pod from before the restart$/,
  ],
  [
    "a client that never reaches new pods",
    { load: { ...healthyLoad, pods: { "echo-old-a": 100 } } },
    /^no request was answered by a pod from after the restart$/,
  ],
])("%s fails the check of a rolling restart", (_, changes, observed) => {
  expect(onlyProblem(judgeRestart({ ...healthy, ...changes })).observed).toMatch(observed);
});

test("the results of loads are added up by status, error and pod", () => {
  const lost = loadResult({
    sent: 5,
    statuses: { 200: 3, 502: 1 },
    errors: { ETIMEDOUT: 1 },
    pods: { b: 3 },
  });
  expect(addLoads([loadResult(), lost])).toEqual({
    sent: 15,
    statuses: { 200: 13, 502: 1 },
    errors: { ETIMEDOUT: 1 },
    pods: { "echo-a": 10, b: 3 },
  });
});

const timing = { run: 20, lead: 10 };

/** Runs scripts that take the time that is requested. `running` is the number of those that have not returned. */
function fakeCluster() {
  const state = { running: 0, connections: new Set<number | undefined>() };
  const run = async (_: unknown, __: unknown, args: unknown) => {
    state.running++;
    state.connections.add((args as RequestLoad).connections);
    await new Promise((resolve) => setTimeout(resolve, (args as { durationMs: number }).durationMs));
    state.running--;
    return loadResult() as never;
  };
  return { state, cluster: { run } };
}

test("requests are sent from before the work until after it", async () => {
  const { state, cluster } = fakeCluster();
  const running: number[] = [];
  const work = async () => {
    running.push(state.running);
    await new Promise((resolve) => setTimeout(resolve, 70));
    running.push(state.running);
    return "done";
  };
  const { load, result } = await loadDuring(cluster, new AbortController().signal, work, { timing });
  expect(result).toBe("done");
  expect(Math.min(...running)).toBeGreaterThan(0);
  expect(state.running).toBe(0);
  expect(load.sent).toBeGreaterThanOrEqual(60);
});

test("requests that are open for long are sent on several connections, and only if they are selected", async () => {
  const { state, cluster } = fakeCluster();
  const signal = new AbortController().signal;
  await loadDuring(cluster, signal, async () => {}, { timing });
  expect([...state.connections]).toEqual([undefined]);
  await loadDuring(cluster, signal, async () => {}, { timing, long: true });
  expect([...state.connections]).toEqual([undefined, 4]);
});

test("an error of the work ends the load and is reported", async () => {
  const { state, cluster } = fakeCluster();
  const work = async () => {
    throw new Error("the rollout did not complete");
  };
  const failing = loadDuring(cluster, new AbortController().signal, work, { timing });
  await expect(failing).rejects.toThrow("the rollout did not complete");
  expect(state.running).toBe(0);
});
