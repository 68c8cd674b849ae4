/** Items of a list that several stacks have: each appears once, with the names of its stacks. */
import { escapeText } from "../markdown/escape.ts";
import { compareText } from "../objects/compare-text.ts";

/** A Markdown item about one stack. */
export interface Item {
  readonly stack: string;
  /** Markdown of one or more lines; further lines are indented below the item. */
  readonly markdown: string;
}

/**
 * Formats items as blocks of a list, in the given order. Equal items of several stacks become one.
 *
 * @param stacks all stacks of the document; a document about one stack does not repeat its name
 */
export function formatItems(items: readonly Item[], stacks: readonly string[]): string[] {
  const owners = new Map<string, Set<string>>();
  for (const { stack, markdown } of items) {
    owners.set(markdown, (owners.get(markdown) ?? new Set()).add(stack));
  }
  return [...owners].map(([markdown, of]) => {
    const label =
      stacks.length > 1 ? `**${escapeText(stacks.filter((stack) => of.has(stack)).join(", "))}**: ` : "";
    return `- ${label}${markdown.replaceAll(/\n(?=[^\n])/g, "\n  ")}`;
  });
}

/** Sorts items, because the order of the engine's events differs between runs. */
export function sortItems(items: readonly Item[]): Item[] {
  return items.toSorted((a, b) => compareText(a.markdown, b.markdown));
}
