/**
 * Port lists as Linkerd writes them: comma-separated ports and ranges, "25,587,4000-4010".
 *
 * Linkerd's values and annotations replace its defaults instead of adding to them, so every list that this
 * product writes is a union with what it replaces.
 */

/** SMTP, submission over TLS, submission, and the alternative submission port of most mail providers. */
export const MAIL_PORTS = "25,465,587,2525";

/** What Linkerd itself skips outbound: Galera (linkerd-control-plane, values.yaml, `proxyInit`). */
export const DEFAULT_SKIP_OUTBOUND_PORTS = "4567,4568";

/** What Linkerd itself skips inbound: the same (linkerd-control-plane, values.yaml, `proxyInit`). */
export const DEFAULT_SKIP_INBOUND_PORTS = "4567,4568";

/** Protocols whose server speaks first, or whose client says nothing of itself (same file, `proxy.opaquePorts`). */
export const DEFAULT_OPAQUE_PORTS = "25,587,3306,4444,5432,6379,9300,11211";

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
  const ranges = lists.flatMap(parse).sort((a, b) => a.from - b.from || b.to - a.to);
  const joined: PortRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
    else joined.push({ ...range });
  }
  return joined.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** Whether `port` is one of the list's. */
export function includesPort(list: string, port: number): boolean {
  return parse(list).some(({ from, to }) => port >= from && port <= to);
}
