/** What a proxy counts of connections. */
import type { Labels } from "../../history.ts";
import { CONNECTIONS, type Connections } from "../facts.ts";
import { findCallPeriods, findPods, type Pod } from "../pods.ts";
import { findWorkload, nameWorkload } from "../workloads.ts";
import { ALWAYS, type Exporter, type Period } from "./exporter.ts";
import {
  getPort,
  LOOPBACK,
  labelAuthorization,
  labelClient,
  labelEndpoint,
  labelServer,
  labelTarget,
} from "./labels.ts";

type Counts = Pick<Connections, "open" | "perSecond" | "bytes"> & { readonly reset?: number };

/**
 * Counts connections twice, as a proxy does: those that it accepts (`peer="src"`) and those that it opens
 * (`peer="dst"`). One of the two is with its own application, and has no more labels than that.
 */
export function countConnections(
  exporter: Exporter,
  direction: "inbound" | "outbound",
  remote: Labels,
  target: Labels,
  { open, perSecond, bytes, reset = 0 }: Counts,
  during: Period,
): void {
  const sides: readonly (readonly ["src" | "dst", Labels])[] =
    direction === "inbound"
      ? [
          ["src", { ...target, ...remote }],
          ["dst", LOOPBACK],
        ]
      : [
          ["src", { ...target, ...LOOPBACK }],
          ["dst", remote],
        ];
  for (const [peer, labels] of sides) {
    const tcp = { direction, peer, ...labels };
    const count = (name: string, value: number, more: Labels = {}) =>
      exporter.count(`tcp_${name}_total`, { ...tcp, ...more }, value, during, true);
    count("open", perSecond);
    count("read_bytes", peer === "src" ? bytes : 2 * bytes);
    count("write_bytes", peer === "src" ? 2 * bytes : bytes);
    count("close", perSecond * (1 - reset), { errno: "" });
    if (reset > 0) count("close", perSecond * reset, { errno: "ECONNRESET" });
    exporter.hold("tcp_open_connections", tcp, open, during, true);
  }
}

/** Counts the connections of opaque ports that an application accepts. */
export function countAccepted(exporter: Exporter, pod: Pod): void {
  for (const connections of CONNECTIONS.filter(({ to }) => to === nameWorkload(pod.workload))) {
    const { from, denied = 0 } = connections;
    const port = getPort(pod);
    const target = labelTarget(pod.ip, port);
    const remote = { ...labelClient(findWorkload(from)), ...labelServer(pod, port) };
    const labels = { ...target, ...remote };
    const allowed = { ...labels, ...labelAuthorization(pod, port, false) };
    for (const during of findCallPeriods(from, ALWAYS)) {
      countConnections(exporter, "inbound", remote, target, connections, during);
      const count = (name: string, more: Labels, perSecond: number) =>
        exporter.count(`inbound_tcp_${name}_total`, more, perSecond, during, true);
      count("authz_allow", allowed, connections.perSecond);
      if (denied > 0) count("authz_deny", labels, denied);
      count("errors", { ...target, error: "i/o" }, connections.perSecond * connections.reset);
    }
  }
}

/** Counts the connections that an application opens to opaque ports. */
export function countOpened(exporter: Exporter, pod: Pod): void {
  for (const connections of CONNECTIONS.filter(({ from }) => from === nameWorkload(pod.workload))) {
    const callee = findWorkload(connections.to);
    const endpoints = findPods(connections.to);
    const share = 1 / (endpoints.length * (pod.workload.replicas ?? 1));
    const { perSecond, open, bytes, reset } = connections;
    const counts = { perSecond: perSecond * share, open: open * share, bytes: bytes * share, reset };
    const target = labelTarget("10.96.0.20", callee.port ?? 8080);
    for (const endpoint of endpoints) {
      countConnections(exporter, "outbound", labelEndpoint(endpoint), target, counts, ALWAYS);
    }
  }
}
