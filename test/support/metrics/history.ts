/** A deterministic history of metrics: which series there are, and the value of each at each scrape. */

export type Labels = Readonly<Record<string, string>>;

export interface Series {
  readonly name: string;
  /** Labels without `__name__`. A label with an empty value is the same as no label, as in Prometheus. */
  readonly labels: Labels;
  /** The value at a time of the history, in minutes. `undefined`: the scrape had no such series. */
  readonly value: (minute: number) => number | undefined;
}

/** A scrape. All targets are scraped at the same times. */
export interface Scrape {
  /** In Unix seconds. */
  readonly time: number;
  /** The time in minutes at which the values of the series are read. */
  readonly minute: number;
}

export interface History {
  /** From the first to the last. */
  readonly scrapes: readonly Scrape[];
  readonly series: readonly Series[];
}

/** Sorts the labels by name, and drops those with empty values. */
export function normalizeLabels({ name, labels, value }: Series): Series {
  const entries = Object.entries(labels).filter(([, content]) => content !== "");
  return {
    name,
    labels: Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1))),
    value,
  };
}
