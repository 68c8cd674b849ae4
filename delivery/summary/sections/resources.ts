/** Folded sections that list resources by type. */
import { escapeText } from "../../markdown/escape.ts";
import type { Section } from "../../markdown/fit-sections.ts";
import { formatItems, type Item, sortItems } from "../items.ts";
import { isInCluster, nameStep } from "../names.ts";
import type { StepOp } from "../operation.ts";
import type { Change } from "./changes.ts";

/** Names of one item. A long list is several items, so that a part of it can be left out. */
const NAMES = 50;

function chunk(names: readonly string[]): string[][] {
  const count = Math.ceil(names.length / NAMES);
  return Array.from({ length: count }, (_, index) => names.slice(index * NAMES, (index + 1) * NAMES));
}

/** Lists the resources of one operation, one item for each type. Deleted objects of the cluster have a section of their own. */
export function listResources(
  title: string,
  op: StepOp,
  changes: readonly Change[],
  stacks: readonly string[],
): Section {
  const shown = changes.filter(({ step }) => step.op === op && !(op === "delete" && isInCluster(step)));
  const types = new Map<string, { stack: string; names: string[] }>();
  for (const { operation, step } of shown) {
    const [kind = "", ...name] = nameStep(step).split(" ");
    const key = `${operation.stack} ${kind}`;
    const entry = types.get(key) ?? { stack: operation.stack, names: [] };
    entry.names.push(name.join(" "));
    types.set(key, entry);
  }
  const items = [...types].flatMap(([key, { stack, names }]) =>
    chunk(names.toSorted()).map(
      (some): Item => ({
        stack,
        markdown: `${escapeText(key.slice(stack.length + 1))}: ${escapeText(some.join(", "))}`,
      }),
    ),
  );
  const sorted = sortItems(items);
  return {
    title: `${title} (${shown.length})`,
    blocks: formatItems(sorted, stacks),
    separator: "\n",
    folded: true,
  };
}
