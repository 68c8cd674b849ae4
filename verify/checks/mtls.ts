/** mTLS: both proxies authenticate each other, with the identities of the ServiceAccounts. */
import type { V1Pod } from "@kubernetes/client-node";
import { identityOf } from "../cluster/mesh-facts.ts";
import type { ProbeCluster } from "../cluster/probe-cluster.ts";
import { eventually } from "../observation/eventually.ts";
import { podsOf, proxyOf, withoutProxy } from "../observation/pods.ts";
import { missingProxies } from "../observation/problems.ts";
import { parseMetrics, type Sample, sumSamples } from "../observation/proxy-metrics.ts";
import { allSucceeded, formatAnswers, formatCounts } from "../observation/requests.ts";
import type { LoadResult } from "../probe/protocol.ts";
import type { Finding, Problem } from "../report/finding.ts";
import { HTTP_PORT, type WorkloadName } from "../workloads/names.ts";
import type { Check, CheckContext } from "./check.ts";

const REQUESTS = 20;
const URL = `http://echo:${HTTP_PORT}/`;

export interface MtlsObservation {
  /** The workloads that have a pod without a proxy. */
  readonly withoutProxy: readonly WorkloadName[];
  readonly load: LoadResult;
  /** The identities that the ServiceAccounts of both workloads should have. */
  readonly clientIdentity: string;
  readonly serverIdentity: string;
  /** Number of requests from the client's identity over mTLS that the proxies of the server counted during the load. */
  readonly received: number;
  /** Number of requests to the server's identity over mTLS that the proxy of the client counted during the load. */
  readonly sent: number;
}

export const mtls: Check = {
  name: "mtls",
  title: "Meshed pods authenticate each other with mTLS",
  workloads: ["client", "echo"],
  run: async (context) => judgeMtls(await observe(context)),
};

async function observe({ cluster, mesh, namespace, signal }: CheckContext): Promise<MtlsObservation> {
  const request = (count: number) => cluster.run("client", "http-requests", { url: URL, count });
  const [clients, servers] = await Promise.all([podsOf(cluster, "client"), podsOf(cluster, "echo")]);
  const serverIdentity = identityOf(mesh, namespace, servers[0]?.spec?.serviceAccountName ?? "default");
  const clientIdentity = identityOf(mesh, namespace, "client");
  const count = async () => ({
    received: countReceived(await readMetrics(cluster, servers), clientIdentity),
    sent: countSent(await readMetrics(cluster, clients), serverIdentity),
  });
  await eventually(() => request(1), allSucceeded, { withinMs: 15_000, signal });
  const before = await count();
  const load = await request(REQUESTS);
  const after = await count();
  return {
    withoutProxy: await withoutProxy(cluster, ["client", "echo"]),
    load,
    clientIdentity,
    serverIdentity,
    received: after.received - before.received,
    sent: after.sent - before.sent,
  };
}

async function readMetrics(cluster: ProbeCluster, pods: readonly V1Pod[]): Promise<Sample[]> {
  const meshed = pods.filter((pod) => proxyOf(pod) !== undefined);
  const texts = await Promise.all(meshed.map((pod) => cluster.run(pod, "proxy-metrics", null)));
  return texts.flatMap(parseMetrics);
}

/** Requests to the application that the server's proxies received over mTLS from this identity. */
export function countReceived(samples: readonly Sample[], clientIdentity: string): number {
  const labels = {
    direction: "inbound",
    tls: "true",
    target_port: `${HTTP_PORT}`,
    client_id: clientIdentity,
  };
  return sumSamples(samples, "request_total", labels);
}

/** Requests that the client's proxy sent over mTLS to this identity. */
export function countSent(samples: readonly Sample[], serverIdentity: string): number {
  const labels = {
    direction: "outbound",
    tls: "true",
    target_port: `${HTTP_PORT}`,
    server_id: serverIdentity,
  };
  return sumSamples(samples, "request_total", labels);
}

export function judgeMtls(observation: MtlsObservation): Finding {
  const { load, clientIdentity, serverIdentity, received, sent } = observation;
  const problem = findProblem(observation);
  if (problem) return { observed: [], problems: [problem] };
  return {
    observed: [
      `${load.sent} of ${load.sent} requests from client to echo were answered with 200`,
      `the proxies of echo counted ${received} requests over mTLS from ${clientIdentity}`,
      `the proxy of client counted ${sent} requests over mTLS to ${serverIdentity}`,
    ],
    problems: [],
  };
}

/** The first problem: the later ones follow from it. */
function findProblem(observation: MtlsObservation): Problem | undefined {
  const { withoutProxy, load, clientIdentity, serverIdentity, received, sent } = observation;
  if (withoutProxy.length > 0) return missingProxies(withoutProxy);
  if (!allSucceeded(load)) {
    const observed = `${load.sent} requests from client to echo: ${formatAnswers(load)}, instead of 200`;
    return load.statuses["403"]
      ? {
          observed,
          cause:
            "The proxies of echo, which admits only client, did not authenticate it: its connections bypass a proxy, or the proxies have different trust domains.",
          docs: "docs/workloads.md#authorization-allowfrom",
        }
      : {
          observed,
          cause:
            "The proxies do not trust each other's certificates, for example because a trust anchor has not reached all of them, or their networks are not connected.",
          docs: "docs/rotation.md#1-trust",
        };
  }
  if (load.clientIdentities[clientIdentity] !== load.sent) {
    const observed = `echo received these identities of its caller: ${formatCounts(load.clientIdentities) || "none"}, instead of ${clientIdentity}`;
    const others = Object.keys(load.clientIdentities).filter((id) => id !== clientIdentity && id !== "none");
    return others.length > 0
      ? {
          observed,
          cause: "The proxies were started with another trust domain or namespace of the control plane.",
          docs: "docs/settings.md#names-and-networks",
        }
      : {
          observed,
          cause: `Port ${HTTP_PORT} bypasses a proxy or is opaque, or the proxies of the callers do not discover the pods of echo.`,
          docs: "docs/workloads.md#ports",
        };
  }
  if (received < load.sent) {
    return {
      observed: `the proxies of echo counted ${received} of ${load.sent} requests over mTLS from ${clientIdentity}`,
      cause: `Port ${HTTP_PORT} bypasses the proxies of echo, and the header l5d-client-id was not written by them.`,
      docs: "docs/workloads.md#ports",
    };
  }
  if (sent < load.sent) {
    return {
      observed: `the proxy of client counted ${sent} of ${load.sent} requests over mTLS to ${serverIdentity}`,
      cause: "The server has another identity than its ServiceAccount, or another proxy sent the requests.",
      docs: "docs/settings.md#names-and-networks",
    };
  }
  return undefined;
}
