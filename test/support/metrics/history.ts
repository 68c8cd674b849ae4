/** A deterministic history of metrics: which series there are, and the value of each at each scrape. */

export type Labels = Readonly<Record<string, string>>;

export interface Series {
  readonly name: string;
  /** Labels without `__name__`. A label with an empty value is the same as no label, as in Prometheus. */
  readonly labels: Labels;
  /** The value at a time in minutes from the start of the history. `undefined`: the scrape had no such series. */
  readonly value: (minute: number) => number | undefined;
}

export interface History {
  /** Time of the first scrape, in Unix seconds. A multiple of the interval. */
  readonly start: number;
  /** Time of the last scrape, in Unix seconds. */
  readonly end: number;
  /** Seconds between two scrapes. All targets are scraped at the same times. */
  readonly interval: number;
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
