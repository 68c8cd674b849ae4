/**
 * Port lists as Linkerd writes them: comma-separated ports and ranges, "25,587,4000-4010".
 *
 * Linkerd's values and annotations replace its defaults instead of adding to them, so every list that this
 * product writes is a union with what it replaces.
 */

import type { SettingMistake } from "../mistakes.ts";

/** SMTP, submission over TLS, submission, and the alternative submission port of most mail providers. */
export const MAIL_PORTS = "25,465,587,2525";

/** What Linkerd itself skips, in and out: Galera (linkerd-control-plane, values.yaml, `proxyInit`). */
export const DEFAULT_SKIP_PORTS = "4567,4568";

/** The proxy's own, control and admin, which nothing is sent through (charts/partials, `_proxy-init.tpl`). */
export const PROXY_PORTS = "4190,4191";

/** What Linkerd itself takes for opaque: protocols in which the server speaks first (ibid., `proxy.opaquePorts`). */
export const DEFAULT_OPAQUE_PORTS = "25,587,3306,4444,5432,6379,9300,11211";

/** Ports as intent. Each list is added to Linkerd's own; items are ports or ranges, e.g. `[6000, "4000-4010"]`. */
export interface PortSettings {
  /** Outbound connections to these ports pass the proxy by. @default none */
  skipOutbound?: (number | string)[] | undefined;
  /** Inbound connections to these ports pass the proxy by. @default none */
  skipInbound?: (number | string)[] | undefined;
  /** The proxy carries these as plain TCP, without looking for a protocol. @default none */
  opaque?: (number | string)[] | undefined;
  /** Skip SMTP outbound: {@link MAIL_PORTS}. @default true */
  skipSmtp?: boolean | undefined;
}

interface PortRange {
  from: number;
  to: number;
}

function parsePort(text: string, list: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port >= 1 && port <= 65535)) {
    throw new RangeError(
      `"${text}" in the port list "${list}" is no port. ` +
        `Expected ports from 1 to 65535 and ranges, separated by commas, e.g. "25,587,4000-4010".`,
    );
  }
  return port;
}

function parse(list: string): PortRange[] {
  if (list.trim() === "") return [];
  return list.split(",").map((item) => {
    const [first = "", last = first, ...more] = item.trim().split("-");
    const range = { from: parsePort(first, list), to: parsePort(last, list) };
    if (more.length > 0 || range.from > range.to) {
      throw new RangeError(
        `"${item.trim()}" in the port list "${list}" is no range. Expected "<low>-<high>", e.g. "4000-4010".`,
      );
    }
    return range;
  });
}

/**
 * Every port of every list: sorted, each once, overlapping ranges joined, so that equal sets of intent give
 * equal text and no pod rolls over a changed order. Throws a `RangeError` that quotes what is no port.
 */
export function unionPorts(...lists: string[]): string {
  const ranges = lists.flatMap(parse).sort(byPort);
  const joined: PortRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
    else joined.push({ ...range });
  }
  return joined.map(write).join(",");
}

/** The list without the ports of another; a range that holds one is cut. */
export function withoutPorts(list: string, taken: string): string {
  return parse(taken)
    .reduce(
      (left, hole) =>
        left
          .flatMap(({ from, to }) => [
            { from, to: Math.min(to, hole.from - 1) },
            { from: Math.max(from, hole.to + 1), to },
          ])
          .filter(({ from, to }) => from <= to),
      parse(list),
    )
    .map(write)
    .join(",");
}

const byPort = (a: PortRange, b: PortRange) => a.from - b.from || b.to - a.to;
const write = ({ from, to }: PortRange) => (from === to ? `${from}` : `${from}-${to}`);

/**
 * The lists that Linkerd's charts are given. What is asked for nothing of its own is `undefined`, and the
 * chart's: but for outbound mail.
 */
export function portLists({ skipOutbound, skipInbound, opaque, skipSmtp = true }: PortSettings = {}) {
  const added = (ports: (number | string)[] | undefined, ...lists: string[]) =>
    ports === undefined || ports.length === 0 ? undefined : unionPorts(ports.join(), ...lists);
  return {
    skipOutbound: unionPorts((skipOutbound ?? []).join(), skipSmtp ? MAIL_PORTS : "", DEFAULT_SKIP_PORTS),
    skipInbound: added(skipInbound, DEFAULT_SKIP_PORTS),
    opaque: added(opaque, DEFAULT_OPAQUE_PORTS),
  };
}

/** The lists of a mesh as its proxies have them, in Linkerd's form: what an annotation of a workload replaces. */
export interface MeshPorts {
  readonly skipOutbound: string;
  readonly skipInbound: string;
  readonly opaque: string;
}

/** The lists that are in force under these settings, the chart's own among them. */
export function meshPorts(settings?: PortSettings): MeshPorts {
  const { skipOutbound, skipInbound, opaque } = portLists(settings);
  return {
    skipOutbound,
    skipInbound: skipInbound ?? DEFAULT_SKIP_PORTS,
    opaque: opaque ?? DEFAULT_OPAQUE_PORTS,
  };
}

/** What is no port, what is said twice, and what is both skipped, so that no proxy sees it, and opaque to proxies. */
export function portIssues(ports: PortSettings = {}): SettingMistake[] {
  const mistakes: SettingMistake[] = [];
  const read = (list: "skipOutbound" | "skipInbound" | "opaque"): PortRange[] => {
    const ranges = (ports[list] ?? []).flatMap((item, index) => {
      try {
        if (/^\s*$|,/.test(String(item))) throw new RangeError(`"${item}" is no port and no range`);
        return parse(String(item));
      } catch (error) {
        const problem = (error as RangeError).message.replace(/\.$/, "");
        mistakes.push({ path: ["ports", list, index], problem });
        return [];
      }
    });
    const sorted = ranges.toSorted(byPort);
    for (const [index, range] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before && range.from <= before.to) {
        const problem = `${write(before)} and ${write(range)} overlap; expected each port once`;
        mistakes.push({ path: ["ports", list], problem });
      }
    }
    return ranges;
  };
  const skipped = { skipOutbound: read("skipOutbound"), skipInbound: read("skipInbound") };
  for (const range of read("opaque")) {
    for (const [list, ranges] of Object.entries(skipped)) {
      const both = ranges.find(({ from, to }) => from <= range.to && range.from <= to);
      if (!both) continue;
      const problem = `${write(range)} is opaque and ports.${list} skips ${write(both)}; expected a port in one of them: what is skipped never reaches a proxy`;
      mistakes.push({ path: ["ports", "opaque"], problem });
    }
  }
  return mistakes;
}

/** Whether `port` is one of the list's. */
export function includesPort(list: string, port: number): boolean {
  return parse(list).some(({ from, to }) => port >= from && port <= to);
}
