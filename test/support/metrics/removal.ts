/**
 * Removes one metric or one label from a history. All variants are in one Prometheus, one after another: a server for each
 * would need minutes.
 */
import type { History, Series } from "./history.ts";

export type Removal = { readonly metric: string } | { readonly label: string };

/** Prefix of a removed label's new name. Without it, series that differ in this label alone would be the same. */
export const REMOVED = "removed_";

/** Scrapes of a variant: enough for a rate over four scrape intervals. */
const SCRAPES = 6;
/** Seconds from the end of one variant to that of the next. No query looks back into the variant before. */
const DISTANCE = 600;

/** The last scrapes of a history, without a metric or a label, as the variant of this number, which is also later. */
export function createVariant({ scrapes, series }: History, number: number, removal?: Removal): History {
  const delay = number * DISTANCE;
  return {
    scrapes: scrapes.slice(-SCRAPES).map(({ time, minute }) => ({ time: time + delay, minute })),
    series: series.flatMap((one) => remove(one, removal)).map((one) => postpone(one, delay)),
  };
}

/** The time to ask a variant at, in Unix seconds. */
export function endOf({ scrapes }: History): number {
  return scrapes.at(-1)?.time ?? 0;
}

function remove(series: Series, removal?: Removal): Series[] {
  if (removal === undefined) return [series];
  if ("metric" in removal) return removal.metric === series.name ? [] : [series];
  if (!(removal.label in series.labels)) return [series];
  const labels = Object.entries(series.labels).map(
    ([name, value]) => [name === removal.label ? REMOVED + name : name, value] as const,
  );
  return [{ ...series, labels: Object.fromEntries(labels) }];
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
