/** Blocks of Markdown: code, tables and folded parts. */
import { escapeText, removeInvisible } from "./escape.ts";

/**
 * Formats a text of any origin as a block of code.
 *
 * @param language for colors, such as `yaml` or `diff`; letters only
 */
export function code(text: string, language = ""): string {
  // The lookbehind keeps the search linear in texts with many empty lines.
  const clean = removeInvisible(text).replace(/(?<!\n)\n+$/, "");
  const longest = Math.max(2, ...[...clean.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${clean}\n${fence}`;
}

/**
 * Formats a table.
 *
 * @param columns titles of the columns, as Markdown
 * @param rows cells as Markdown; {@link escapeText} and `inlineCode` format values
 */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(toCell).join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A line break or a bare `|` ends a cell, also inside code. */
function toCell(markdown: string): string {
  return markdown
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("<br>")
    .replaceAll(/(?<!\\)\|/g, "\\|");
}

/**
 * Formats a part that is folded until a reader opens it.
 *
 * @param title text of any origin
 * @param body Markdown
 */
export function details(title: string, body: string): string {
  // The blank lines end the HTML block, so that the body is Markdown.
  return `<details><summary>${escapeText(title)}</summary>\n\n${body.trim()}\n\n</details>`;
}
