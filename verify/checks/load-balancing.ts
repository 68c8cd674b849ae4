/** Load balancing: the client's proxy distributes the requests of one connection over all replicas. */

import { isReady } from "../cluster/conditions.ts";
import { eventually } from "../observation/eventually.ts";
import { nameOf, podsOf, withoutProxy } from "../observation/pods.ts";
import { missingProxies } from "../observation/problems.ts";
import { allSucceeded, formatAnswers, formatCounts, formatNumber } from "../observation/requests.ts";
import type { LoadResult } from "../probe/protocol.ts";
import type { Finding, Problem } from "../report/finding.ts";
import { HTTP_PORT, type WorkloadName } from "../workloads/names.ts";
import type { Check, CheckContext } from "./check.ts";

const REQUESTS = 200;
/**
 * The least part of its fair share that each replica gets. The proxy compares two replicas at random and sends the request
 * to the one with the lower latency and fewer pending requests (linkerd2-proxy, linkerd/pool/p2c), so equal shares are not
 * expected: two replicas on a real node got 116 and 84 of 200 requests. Without load balancing, a connection stays with
 * one replica, and the others get nothing.
 */
const LEAST_PART = 1 / 4;
/**
 * After one slow response, the proxy avoids a replica until its latency estimate has decayed, with a time constant of 10 s
 * (linkerd2, policy-controller/grpc/src/outbound.rs: BALANCER_RTT_DECAY). More rounds of requests follow within this time.
 * They do not hide missing load balancing: a connection without it reaches one replica in each round.
 */
const ROUNDS_WITHIN_MS = 30_000;

export interface LoadBalancingObservation {
  readonly withoutProxy: readonly WorkloadName[];
  /** Names of the ready pods of the server. */
  readonly replicas: readonly string[];
  /** The last round of requests. */
  readonly load: LoadResult;
}

export const loadBalancing: Check = {
  name: "load-balancing",
  title: "The requests of one connection reach all replicas",
  workloads: ["client", "echo"],
  run: async (context) => {
    const observation = await eventually(
      () => observe(context),
      (observation) => judgeLoadBalancing(observation).problems.length === 0,
      { withinMs: ROUNDS_WITHIN_MS, intervalMs: 2_000, signal: context.signal },
    );
    return judgeLoadBalancing(observation);
  },
};

async function observe({ cluster }: CheckContext): Promise<LoadBalancingObservation> {
  const url = `http://echo:${HTTP_PORT}/`;
  const load = await cluster.run("client", "http-requests", { url, count: REQUESTS });
  return {
    withoutProxy: await withoutProxy(cluster, ["client"]),
    replicas: (await podsOf(cluster, "echo")).filter(isReady).map(nameOf),
    load,
  };
}

export function judgeLoadBalancing(observation: LoadBalancingObservation): Finding {
  const problem = findProblem(observation);
  if (problem) return { observed: [], problems: [problem] };
  const { load, replicas } = observation;
  return {
    observed: [
      `${load.sent} requests over one connection reached ${replicas.length} replicas: ${formatCounts(load.pods)}`,
    ],
    problems: [],
  };
}

function findProblem({ withoutProxy, replicas, load }: LoadBalancingObservation): Problem | undefined {
  if (withoutProxy.length > 0) return missingProxies(withoutProxy);
  if (replicas.length < 2) {
    return {
      observed: `${formatNumber(replicas.length, "ready pod")} of echo, so this check proves nothing`,
      cause: "The Deployment has fewer than two replicas, or their pods are not ready.",
      docs: "docs/workloads.md#probes-and-hooks",
    };
  }
  if (!allSucceeded(load)) {
    return {
      observed: `${load.sent} requests to echo: ${formatAnswers(load)}, instead of ${load.sent} × 200`,
      cause: "The proxy of the client does not reach all replicas, or they do not answer.",
      docs: "docs/workloads.md#ports",
    };
  }
  if (load.connections !== 1) {
    return {
      observed: `client opened ${formatNumber(load.connections, "connection")} instead of one, so this check proves nothing`,
      cause: "The proxy or the server closes connections before the client does.",
      docs: "docs/workloads.md#ports",
    };
  }
  const least = (load.sent / replicas.length) * LEAST_PART;
  const starved = replicas.filter((pod) => (load.pods[pod] ?? 0) < least);
  if (starved.length === 0) return undefined;
  return {
    observed: `of ${load.sent} requests over one connection, ${starved.map((pod) => `${load.pods[pod] ?? 0} reached ${pod}`).join(" and ")}, fewer than ${Math.ceil(least)}`,
    cause:
      "The proxy of the client forwards the connection to one replica, because the port is opaque or skipped, or one replica is much slower than the others.",
    docs: "docs/workloads.md#ports",
  };
}
