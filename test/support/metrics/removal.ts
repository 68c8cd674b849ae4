/**
 * Removes one metric or one label from a history. All variants are in one Prometheus, one after another: a server for each
 * would need minutes.
 */
import type { History, Series } from "./history.ts";

export type Removal = { readonly metric: string } | { readonly label: string };

/**
 * Puts removals together that no query reads both of. What each query has to answer stays the same, and fewer variants are
 * necessary.
 *
 * @param reads whether anyone reads both
 */
export function groupRemovals(
  removals: readonly Removal[],
  reads: (one: Removal, other: Removal) => boolean,
): Removal[][] {
  const groups: Removal[][] = [];
  for (const removal of removals) {
    const free = groups.find((group) => !group.some((other) => reads(removal, other)));
    if (free) free.push(removal);
    else groups.push([removal]);
  }
  return groups;
}

/** Prefix of a removed label's new name. Without it, series that differ in this label alone would be the same. */
export const REMOVED = "removed_";

/** Scrapes of a variant: enough for a rate over four scrape intervals. */
const SCRAPES = 6;
/** Seconds from the end of one variant to that of the next. No query looks back into the variant before. */
const DISTANCE = 600;

/** The last scrapes of a history, without some metrics and labels, as the variant of this number: the next is later. */
export function createVariant(
  { scrapes, series }: History,
  number: number,
  removals: readonly Removal[] = [],
): History {
  const delay = number * DISTANCE;
  return {
    scrapes: scrapes.slice(-SCRAPES).map(({ time, minute }) => ({ time: time + delay, minute })),
    series: removals.reduce(remove, series).map((one) => postpone(one, delay)),
  };
}

/** The time to ask a variant at, in Unix seconds. */
export function endOf({ scrapes }: History): number {
  return scrapes.at(-1)?.time ?? 0;
}

function remove(series: readonly Series[], removal: Removal): readonly Series[] {
  if ("metric" in removal) return series.filter(({ name }) => name !== removal.metric);
  return series.map((one) => {
    if (!(removal.label in one.labels)) return one;
    const labels = Object.entries(one.labels).map(
      ([name, value]) => [name === removal.label ? REMOVED + name : name, value] as const,
    );
    return { ...one, labels: Object.fromEntries(labels) };
  });
}

/** Values that are times move with the variant. */
function postpone(series: Series, delay: number): Series {
  if (!/_(timestamp|start_time)_seconds$/.test(series.name)) return series;
  const value = (minute: number) => {
    const time = series.value(minute);
    return time === undefined || time === 0 ? time : time + delay;
  };
  return { ...series, value };
}
