/** Equal parts of the reports of several stacks. */
import { joinNames } from "../../markdown/phrases.ts";
import type { Report } from "../report.ts";

/** A part that the reports of these stacks have. Never empty. */
export type Merged<Item> = readonly [Variant<Item>, ...Variant<Item>[]];

/** The part of one stack. */
export interface Variant<Item> {
  readonly stack: string;
  readonly item: Item;
}

/**
 * Collects a part of each report. Items with the same identity become one, in the order of the first report that has
 * them.
 *
 * @param identify What equal items have in common, as JSON. By default, all of their data.
 */
export function mergeStacks<Item>(
  reports: readonly Report[],
  read: (report: Report) => readonly Item[],
  identify: (item: Item) => unknown = (item) => item,
): Merged<Item>[] {
  const merged = new Map<string, [Variant<Item>, ...Variant<Item>[]]>();
  for (const report of reports) {
    for (const item of read(report)) {
      const key = JSON.stringify(identify(item));
      const variant = { stack: report.stack, item };
      const items = merged.get(key);
      if (items === undefined) merged.set(key, [variant]);
      else items.push(variant);
    }
  }
  return [...merged.values()];
}

/** The stacks of an item, ` (dev and prod)`. Empty if there is only one report. */
export function nameStacks(merged: Merged<unknown>, reports: readonly Report[]): string {
  return reports.length < 2 ? "" : ` (${joinNames(merged.map(({ stack }) => stack))})`;
}
