import { expect, test } from "vitest";
import {
  judgeLoadBalancing,
  type LoadBalancingObservation,
  loadBalancing,
} from "../../../../verify/checks/load-balancing.ts";
import type { LoadResult, RequestLoad } from "../../../../verify/probe/protocol.ts";
import { contextOn, loadOf, meshedPod, withoutWaiting } from "../../../support/probe-cluster.ts";

const reaching = (pods: Record<string, number>): LoadResult => loadOf(200, { pods });

const healthy: LoadBalancingObservation = {
  withoutProxy: [],
  replicas: ["echo-1", "echo-2"],
  load: reaching({ "echo-1": 116, "echo-2": 84 }),
};

test("requests that reach all replicas within the bounds pass", () => {
  expect(judgeLoadBalancing(healthy)).toEqual({
    observed: ["200 requests over one connection reached 2 replicas: 116 × echo-1, 84 × echo-2"],
    problems: [],
  });
});

test("a quarter of the fair share is enough", () => {
  const load = reaching({ "echo-1": 175, "echo-2": 25 });
  expect(judgeLoadBalancing({ ...healthy, load }).problems).toEqual([]);
});

test.each<[broken: string, change: Partial<LoadBalancingObservation>, observed: RegExp, cause: RegExp]>([
  [
    "a connection that stays with one replica",
    { load: reaching({ "echo-1": 200 }) },
    /of 200 requests over one connection, 0 reached echo-2, fewer than 25/,
    /opaque or skipped/,
  ],
  [
    "a replica with less than a quarter of its share",
    { load: reaching({ "echo-1": 176, "echo-2": 24 }) },
    /24 reached echo-2, fewer than 25/,
    /much slower/,
  ],
  [
    "two of three replicas that get nothing",
    { replicas: ["echo-1", "echo-2", "echo-3"], load: reaching({ "echo-1": 200 }) },
    /0 reached echo-2 and 0 reached echo-3, fewer than 17/,
    /opaque or skipped/,
  ],
  [
    "one replica",
    { replicas: ["echo-1"], load: reaching({ "echo-1": 200 }) },
    /^1 ready pod of echo, so this check proves nothing/,
    /fewer than two replicas/,
  ],
  [
    "several connections",
    { load: { ...healthy.load, connections: 3 } },
    /opened 3 connections instead of one, so this check proves nothing/,
    /closes connections/,
  ],
  [
    "requests that fail",
    { load: { ...healthy.load, statuses: { "200": 150, "503": 50 } } },
    /200 requests to echo: 150 × 200, 50 × 503/,
    /does not reach all replicas/,
  ],
  [
    "a client without a proxy",
    { withoutProxy: ["client"], load: reaching({ "echo-1": 200 }) },
    /no proxy in the pods of client/,
    /injector/,
  ],
])("%s is one problem", (_, change, observed, cause) => {
  const { problems } = judgeLoadBalancing({ ...healthy, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.observed).toMatch(observed);
  expect(problems[0]?.cause).toMatch(cause);
});

/** Two ready replicas and one that is not ready. Each round is one result; the last one is repeated. */
function simulate(...rounds: LoadResult[]) {
  const requests: RequestLoad[] = [];
  return {
    requests,
    pods: (workload: string) =>
      workload === "client"
        ? [meshedPod("client-1")]
        : [meshedPod("echo-1"), meshedPod("echo-2"), meshedPod("echo-3", { status: { phase: "Pending" } })],
    run: (_: string, __: string, args: RequestLoad) =>
      rounds[Math.min(requests.push(args), rounds.length) - 1],
  };
}

test("the check sends requests over one connection and expects answers of the ready replicas only", async () => {
  const cluster = simulate(healthy.load);
  expect(await loadBalancing.run(contextOn(cluster))).toEqual(judgeLoadBalancing(healthy));
  expect(cluster.requests).toEqual([{ url: "http://echo:8080/", count: 200 }]);
});

test("a round after a slow response of one replica is followed by another round", async () => {
  const cluster = simulate(reaching({ "echo-1": 199, "echo-2": 1 }), healthy.load);
  const { problems } = await withoutWaiting(() => loadBalancing.run(contextOn(cluster)));
  expect(problems).toEqual([]);
  expect(cluster.requests).toHaveLength(2);
});

test("the check fails if each connection stays with one replica, also if the replicas take turns", async () => {
  const cluster = simulate(
    ...Array.from({ length: 20 }, (_, round) => reaching({ [`echo-${(round % 2) + 1}`]: 200 })),
  );
  const { problems } = await withoutWaiting(() => loadBalancing.run(contextOn(cluster)));
  expect(problems).toHaveLength(1);
  expect(cluster.requests).toHaveLength(16);
});
