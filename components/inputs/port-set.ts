/** Sets of ports, as Linkerd writes them: `25,587,4000-4010`. */
import { formatValue, type Reader } from "./validation.ts";

interface PortRange {
  readonly from: number;
  readonly to: number;
}

const MAX_PORT = 65_535;

/** A set of TCP ports. Immutable. Equal sets print equally, so that no pod restarts because an order changed. */
export class PortSet {
  static readonly EMPTY: PortSet = new PortSet([]);

  /** Sorted, disjoint. Adjacent ranges stay apart. */
  readonly #ranges: readonly PortRange[];

  private constructor(ranges: readonly PortRange[]) {
    const joined: { from: number; to: number }[] = [];
    for (const range of ranges.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
      const last = joined.at(-1);
      if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
      else joined.push({ ...range });
    }
    this.#ranges = joined;
  }

  /**
   * The set of these ports, ranges (`"4000-4010"`) and comma-separated lists of both. For values that are known to be
   * valid: throws a `RangeError` otherwise. {@link readPortItem} is for those of a caller.
   */
  static of(...items: readonly (number | string)[]): PortSet {
    const texts = items.flatMap((item) => String(item).split(",")).map((text) => text.trim());
    return new PortSet(
      texts
        .filter((text) => text !== "")
        .map((text) => {
          const range = parseRange(text);
          if (range === undefined) throw new RangeError(`not a port or a range of ports: ${text}`);
          return range;
        }),
    );
  }

  /** Whether the set is empty. */
  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  has(port: number): boolean {
    return this.#ranges.some(({ from, to }) => port >= from && port <= to);
  }

  union(...others: readonly PortSet[]): PortSet {
    return new PortSet([this, ...others].flatMap((set) => set.#ranges));
  }

  /** The ports that are not in `other`; a range is split where needed. */
  without(other: PortSet): PortSet {
    const ranges = other.#ranges.reduce<readonly PortRange[]>(
      (left, hole) =>
        left
          .flatMap(({ from, to }) => [
            { from, to: Math.min(to, hole.from - 1) },
            { from: Math.max(from, hole.to + 1), to },
          ])
          .filter(({ from, to }) => from <= to),
      this.#ranges,
    );
    return new PortSet(ranges);
  }

  /** The ports that both sets hold. */
  intersection(other: PortSet): PortSet {
    return this.without(this.without(other));
  }

  /** Linkerd's form, sorted: `25,587,4000-4010`. */
  toString(): string {
    return this.#ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
  }
}

function parseRange(text: string): PortRange | undefined {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  return from >= 1 && from <= to && to <= MAX_PORT ? { from, to } : undefined;
}

/** Reads one port or range that a caller gave. */
export const readPortItem: Reader<number | string, PortSet> = (item, reject) => {
  const text = typeof item === "number" || typeof item === "string" ? String(item).trim() : "";
  if (parseRange(text) !== undefined) return PortSet.of(text);
  const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const isReversed = from !== undefined && Number(from) > Number(to) && parseRange(`${to}-${from}`);
  return reject({
    reason: `must be a port from 1 to ${MAX_PORT} or a range such as "4000-4010"`,
    got: formatValue(item),
    ...(isReversed ? { fixes: [{ kind: "instruction", text: "put the lower port first" }] } : {}),
  });
};
