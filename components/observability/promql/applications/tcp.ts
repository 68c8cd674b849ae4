/**
 * Connections and bytes, of all protocols: connections that carry HTTP are among them.
 *
 * Source: linkerd2-proxy, linkerd/transport-metrics. Every connection is there twice, because a proxy accepts one and opens
 * one: `peer` is the side. Ports that the proxy skips, such as those of mail, have no series at all.
 */
import { finish, type Query, rate, select, share, sumBy } from "../expression.ts";

/** Connections that an application accepts: those of its callers to the proxy. Without scrapes of the proxy. */
export const ACCEPTED = 'direction="inbound",peer="src",srv_port!="4191"';

/** Connections that an application opens: those of its proxy to the endpoints. Without scrapes of other proxies. */
export const OPENED = 'direction="outbound",peer="dst",target_port!="4191"';

/** Connections of one side. */
export interface Connections extends Query {
  /** {@link ACCEPTED} or {@link OPENED}. @default ACCEPTED */
  connections?: string;
}

const series = (name: string, { connections = ACCEPTED, matchers }: Connections, more?: string) =>
  select(`tcp_${name}`, connections, more, matchers);

/** Open connections. */
export function tcpOpen(query: Connections = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, series("open_connections", query)));
}

/** New connections per second. */
export function tcpOpenRate(query: Connections = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(series("open_total", query), query)));
}

/** Bytes per second that the proxy reads from the peer, or writes to it. */
export function tcpBytesRate(way: "read" | "write", query: Connections = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(series(`${way}_bytes_total`, query), query)));
}

/** Closed connections per second. The label `errno` is empty for a clean end. There is no label `classification`. */
export function tcpCloseRate(query: Connections = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(series("close_total", query), query)));
}

/** Connections per second that end with an error. The label `errno` names it, for example `ECONNRESET`. */
export function tcpFailures(query: Connections = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(series("close_total", query, 'errno!=""'), query)));
}

/** The share of connections that end with an error, 0 to 1. No series where no connection ended. */
export function tcpFailureShare(query: Connections = {}): string {
  const { by = [] } = query;
  const failed = rate(series("close_total", query, 'errno!=""'), query);
  return finish(by, share(by, failed, rate(series("close_total", query), query)));
}
