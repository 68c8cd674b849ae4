/** Mail: a server that speaks first is reached at once, because its ports bypass the client's proxy. */
import type { ProbeCluster } from "../cluster/probe-cluster.ts";
import { eventually } from "../observation/eventually.ts";
import { podsOf, proxyOf } from "../observation/pods.ts";
import { mergeByCause, missingProxies } from "../observation/problems.ts";
import { parseMetrics, type Sample, sumSamples } from "../observation/proxy-metrics.ts";
import { formatDuration } from "../observation/requests.ts";
import type { Greeting } from "../probe/protocol.ts";
import type { Finding, Problem } from "../report/finding.ts";
import { COMPARISON_PORT, MAIL_PORTS } from "../workloads/names.ts";
import type { Check, CheckContext } from "./check.ts";

const HOSTS = ["mail-inside", "mail-outside"] as const;
const GREETING_WITHIN_MS = 1_000;
/** More than the proxy's protocol detection, which takes 10 s (linkerd2-proxy, linkerd/app/src/env.rs). */
const TIMEOUT_MS = 15_000;

export interface MailObservation {
  readonly clientHasProxy: boolean;
  /** The greetings that the client received. */
  readonly greetings: readonly Greeting[];
  /** Number of connections that the client's proxy accepted during the observation, by port. */
  readonly proxied: Readonly<Record<number, number>>;
}

export const mail: Check = {
  name: "mail",
  title: "Mail bypasses the proxy of the client",
  workloads: ["client", "mail-inside", "mail-outside"],
  run: async (context) => judgeMail(await observe(context)),
};

async function observe({ cluster, signal }: CheckContext): Promise<MailObservation> {
  const greet = (ports: readonly number[], timeoutMs: number) =>
    cluster.run("client", "greetings", {
      targets: HOSTS.flatMap((host) => ports.map((port) => ({ host, port }))),
      timeoutMs,
    });
  const clientHasProxy = (await podsOf(cluster, "client")).every((pod) => proxyOf(pod) !== undefined);
  if (!clientHasProxy) return { clientHasProxy, greetings: [], proxied: {} };
  // New Services may not be reachable yet. The judge sees the greetings of one more attempt.
  await eventually(
    () => greet(MAIL_PORTS, GREETING_WITHIN_MS),
    (greetings) => greetings.every(({ line }) => line !== undefined),
    { withinMs: 10_000, signal },
  );
  const before = await readMetrics(cluster);
  const greetings = await greet([...MAIL_PORTS, COMPARISON_PORT], TIMEOUT_MS);
  const after = await readMetrics(cluster);
  const proxied = [...MAIL_PORTS, COMPARISON_PORT].map(
    (port) => [port, countAccepted(after, port) - countAccepted(before, port)] as const,
  );
  return { clientHasProxy, greetings, proxied: Object.fromEntries(proxied) };
}

async function readMetrics(cluster: ProbeCluster): Promise<Sample[]> {
  return parseMetrics(await cluster.run("client", "proxy-metrics", null));
}

/** Connections of the application to this port that its proxy accepted. */
export function countAccepted(samples: readonly Sample[], port: number): number {
  return sumSamples(samples, "tcp_open_total", {
    direction: "outbound",
    peer: "src",
    target_port: `${port}`,
  });
}

export function judgeMail({ clientHasProxy, greetings, proxied }: MailObservation): Finding {
  if (!clientHasProxy) return { observed: [], problems: [missingProxies(["client"])] };
  const comparison = greetings.filter(({ port }) => port === COMPARISON_PORT);
  const mailGreetings = greetings.filter(({ port }) => port !== COMPARISON_PORT);
  const intercepted: readonly number[] = MAIL_PORTS.filter((port) => (proxied[port] ?? 0) > 0);
  const problems = [
    ...judgeComparison(comparison, proxied[COMPARISON_PORT] ?? 0),
    ...(intercepted.length > 0 ? [interceptedProblem(intercepted, mailGreetings)] : []),
    ...mergeByCause(
      mailGreetings
        .filter(isLate)
        .filter(({ port }) => !intercepted.includes(port))
        .map(lateProblem),
    ),
  ];
  if (problems.length > 0) return { observed: [], problems };
  const slowest = Math.max(...mailGreetings.map(({ ms }) => ms));
  return {
    observed: [
      `${HOSTS.join(" and ")} greeted on ${MAIL_PORTS.join(", ")} within ${formatDuration(slowest)}`,
      "the proxy of client accepted no connection to these ports",
      `for comparison, port ${COMPARISON_PORT} through the proxy: ${comparison.map(formatGreeting).join(", ")}`,
    ],
    problems,
  };
}

function isLate({ line, ms }: Greeting): boolean {
  return line === undefined || ms > GREETING_WITHIN_MS;
}

/** Without a connection to the comparison port in the counters of the proxy, their zeros for the mail ports mean nothing. */
function judgeComparison(greetings: readonly Greeting[], accepted: number): Problem[] {
  if (accepted > 0) return [];
  return [
    {
      observed: `the proxy of client accepted no connection to port ${COMPARISON_PORT} (${greetings.map(formatGreeting).join(", ")}), so this check proves nothing`,
      cause: `The list of skipped outbound ports includes ${COMPARISON_PORT}, or the network of the pod does not redirect to its proxy.`,
      docs: "docs/settings.md#ports",
    },
  ];
}

function interceptedProblem(ports: readonly number[], greetings: readonly Greeting[]): Problem {
  const affected = greetings.filter(({ port }) => ports.includes(port));
  return {
    observed: `the proxy of client accepted connections to ${ports.join(", ")}: ${affected.map(formatGreeting).join(", ")}`,
    cause:
      "These ports are not skipped outbound: `ports.skipSmtp` is `false`, or an annotation replaces the list of the mesh.",
    docs: "docs/settings.md#ports",
  };
}

function lateProblem(greeting: Greeting): Problem {
  return {
    observed: `no greeting within ${formatDuration(GREETING_WITHIN_MS)}: ${formatGreeting(greeting)}`,
    cause:
      greeting.host === "mail-inside"
        ? "The proxy of the server detects the protocol, because the port is not in its list of opaque ports, or the server does not answer."
        : "The server does not answer, or a network policy blocks the port: neither of the pods uses a proxy for it.",
    docs: "docs/workloads.md#ports",
  };
}

function formatGreeting({ host, port, ms, line, error }: Greeting): string {
  const outcome = line === undefined ? (error ?? "no greeting") : "greeting";
  return `${host}:${port} ${outcome} after ${formatDuration(ms)}`;
}
