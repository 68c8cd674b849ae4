/** The series of one exporter: a process that Prometheus scrapes, with counters that start at 0 when it starts. */
import type { Labels, Series } from "../../history.ts";
import { EXPIRY_MINUTES, type Latency } from "../facts.ts";

/** When something happens, in minutes: from, to. */
export type Period = readonly [from: number, to: number];

/** From before every pod to after the last scrape. */
export const ALWAYS: Period = [-120, Number.POSITIVE_INFINITY];

interface Phase {
  /** For a counter, its growth per second, else the value. */
  readonly amount: number;
  readonly during: Period;
}

interface Merged {
  readonly kind: "counter" | "gauge";
  readonly name: string;
  readonly labels: Labels;
  readonly phases: Phase[];
  /** Whether the exporter drops it when it was not used for some time. */
  readonly expires: boolean;
}

/** Collects what an exporter counts and measures. Sources that write to one counter are added. */
export class Exporter {
  private readonly merged = new Map<string, Merged>();
  private readonly measured: Series[] = [];
  private readonly processes: readonly Period[];
  private readonly attach: (own: Labels) => Labels;

  /**
   * @param processes when its processes run: the counters of each start at 0
   * @param attach adds the labels of the scrape to those of a series
   */
  constructor(processes: readonly Period[], attach: (own: Labels) => Labels) {
    this.processes = processes;
    this.attach = attach;
  }

  /** Counts `perSecond` during a period. The counter appears with its first event. */
  count(name: string, own: Labels, perSecond: number, during: Period, expires = false): void {
    this.merge("counter", name, own, { amount: perSecond, during }, expires);
  }

  /** Holds `value` during a period, such as open connections, and 0 after it. */
  hold(name: string, own: Labels, value: number, during: Period, expires = false): void {
    this.merge("gauge", name, own, { amount: value, during }, expires);
  }

  /** Measures a value, which may depend on the time in minutes. */
  set(name: string, own: Labels, value: number | ((minute: number) => number)): void {
    const read = typeof value === "number" ? () => value : value;
    this.measured.push({
      ...{ name, labels: this.attach(own) },
      value: (minute) => (this.findProcess(minute) ? read(minute) : undefined),
    });
  }

  collect(): Series[] {
    const merged = [...this.merged.values()].map((one) => ({
      ...{ name: one.name, labels: one.labels },
      value: (minute: number) => this.read(one, minute),
    }));
    return [...merged, ...this.measured];
  }

  /** The process that runs at a time. */
  findProcess(minute: number): Period | undefined {
    return this.processes.find(([from, to]) => from <= minute && minute < to);
  }

  private merge(kind: Merged["kind"], name: string, own: Labels, phase: Phase, expires: boolean): void {
    const labels = this.attach(own);
    const sorted = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
    const key = name + JSON.stringify(sorted);
    const found = this.merged.get(key) ?? { kind, name, labels, phases: [], expires };
    found.phases.push(phase);
    this.merged.set(key, found);
  }

  private read({ kind, phases, expires }: Merged, minute: number): number | undefined {
    const process = this.findProcess(minute);
    if (!process) return undefined;
    const uses = phases
      .map(({ amount, during: [from, to] }) => ({
        amount: kind === "counter" ? amount * 60 : minute < to ? amount : 0,
        from: Math.max(from, process[0]),
        to: Math.min(to, process[1], minute),
      }))
      .filter(({ from, to }) => from <= to)
      .sort((one, other) => one.from - other.from);
    let total: number | undefined;
    let last = Number.NEGATIVE_INFINITY;
    for (const { amount, from, to } of uses) {
      if (expires && from - last >= EXPIRY_MINUTES) total = undefined;
      total = (total ?? 0) + (kind === "counter" ? amount * (to - from) : amount);
      last = Math.max(last, to);
    }
    return expires && minute - last >= EXPIRY_MINUTES ? undefined : total;
  }
}

/** The buckets of a histogram. */
export interface HistogramShape {
  readonly bounds: readonly number[];
  /** How many units of the metric a millisecond is. */
  readonly scale: number;
  /** How the exporter writes a bound: the proxy's own library without a fraction, `prometheus-client` with one. */
  readonly format: (bound: number) => string;
}

/** `response_latency_ms` and its like: linkerd2-proxy, linkerd/metrics/src/histogram.rs. */
export const MILLISECONDS: HistogramShape = {
  bounds: [
    ...[1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500],
    ...[1000, 2000, 3000, 4000, 5000, 10_000, 20_000, 30_000, 40_000, 50_000],
  ],
  scale: 1,
  format: String,
};

export function seconds(...bounds: number[]): HistogramShape {
  const format = (bound: number) => (Number.isInteger(bound) ? bound.toFixed(1) : String(bound));
  return { bounds, scale: 0.001, format };
}

/** Counts `<name>_bucket`, `_sum` and `_count`. Every event takes as long as the bound of its bucket. */
export function countHistogram(
  exporter: Exporter,
  [name, shape]: readonly [string, HistogramShape],
  labels: Labels,
  latency: Latency,
  [perSecond, during, expires]: readonly [number, Period, boolean?],
): void {
  const shares = Object.entries(latency).map(
    ([bound, share]) => [Number(bound) * shape.scale, share] as const,
  );
  const count = (suffix: string, more: Labels, part: number) =>
    exporter.count(`${name}_${suffix}`, { ...labels, ...more }, perSecond * part, during, expires);
  const total = (selected: typeof shares) => selected.reduce((sum, [, share]) => sum + share, 0);
  for (const bound of shape.bounds) {
    const within = shares.filter(([duration]) => duration <= bound * (1 + 1e-9));
    count("bucket", { le: shape.format(bound) }, total(within));
  }
  count("bucket", { le: "+Inf" }, total(shares));
  count(
    "sum",
    {},
    shares.reduce((sum, [duration, share]) => sum + duration * share, 0),
  );
  count("count", {}, total(shares));
}
