/** Changes of fields as lines of a diff. */
import { isDeepStrictEqual } from "node:util";
import { structuredPatch } from "diff";
import { stringify } from "yaml";
import type { Json } from "../../objects/kubernetes-object.ts";
import type { ReportedField } from "../report.ts";

/** Characters of one value. A longer value is cut. */
const MAX_VALUE = 100;
/** Characters of a line of a longer text. */
const MAX_LINE = 400;
/** Characters of a long value before its first difference. */
const BEFORE_DIFFERENCE = 20;
/** Equal lines around a difference. */
const CONTEXT = 2;
/** Added and removed lines, above which two texts are reported as different without their lines. */
const MAX_DIFFERENCES = 500;

/** How to format a change. */
export interface FieldFormat {
  /** The character before a line with both values. `+` and `-` are before the others. */
  readonly changed: string;
  /** Lines of the differences of one value. */
  readonly maxLines: number;
}

/**
 * Formats a change as lines that begin with `+`, `-` or a space, as in a diff. A value in one line is one line with both
 * values; longer values are compared line by line, lists and objects as YAML.
 */
export function formatField(
  { path, before, after }: ReportedField,
  { changed, maxLines }: FieldFormat,
): string[] {
  if (isDeepStrictEqual(before, after)) return [`${changed} ${path}: (differs in private keys only)`];
  const texts = [before, after].map(toText);
  // Texts of different values may be equal, such as those of 80 and "80". JSON also shows line breaks at the end.
  const [left, right] = texts[0] === texts[1] ? [before, after].map(toJson) : expandJson(texts);
  if (isLine(left) && isLine(right)) {
    if (left === undefined) return [`+ ${path}: ${focus(right ?? "", "")}`];
    if (right === undefined) return [`- ${path}: ${focus(left, "")}`];
    return [`${changed} ${path}: ${focus(left, right)} → ${focus(right, left)}`];
  }
  const sign = left === undefined ? "+" : right === undefined ? "-" : changed;
  return [`${sign} ${path}:`, ...limit(compareLines(left ?? "", right ?? ""), maxLines)];
}

const isLine = (text: string | undefined) => text === undefined || !text.includes("\n");

/** A value as text: a string as it is, a list or an object as YAML. */
function toText(value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value?.replace(/\n+$/, "");
  if (typeof value !== "object" || value === null) return String(value);
  const block = stringify(value, { lineWidth: 0 }).trimEnd();
  return block.includes("\n") ? block : stringify(value, { lineWidth: 0, collectionStyle: "flow" }).trimEnd();
}

/** Two long lines of JSON are compared in its indented form, such as the rules in a ConfigMap. */
function expandJson(texts: (string | undefined)[]): (string | undefined)[] {
  const isLong = texts.every((text) => text !== undefined && text.length > MAX_VALUE && /^[[{]/.test(text));
  if (!isLong) return texts;
  try {
    return texts.map((text = "") => JSON.stringify(JSON.parse(text), undefined, 2));
  } catch {
    return texts; // Not JSON, for example a template of Prometheus.
  }
}

const toJson = (value: Json | undefined) => JSON.stringify(value);

/** The part of a long text that begins shortly before its first difference from another text. */
function focus(text: string, other: string): string {
  if (text === "") return '""';
  let start = 0;
  while (start < text.length && text[start] === other[start]) start++;
  const isLong = Math.max(text.length, other.length) > MAX_VALUE && start > MAX_VALUE / 2;
  const from = isLong ? start - BEFORE_DIFFERENCE : 0;
  return `${from > 0 ? "…" : ""}${cut(text.slice(from), MAX_VALUE)}`;
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max)}… (${text.length} characters)` : text;
}

function compareLines(before: string, after: string): string[] {
  const [left, right] = [before, after].map((text) => (text === "" ? "" : `${text}\n`));
  const patch = structuredPatch("", "", left ?? "", right ?? "", "", "", {
    context: CONTEXT,
    maxEditLength: MAX_DIFFERENCES,
  });
  if (patch === undefined) {
    return [
      `  (${countLines(before)} lines → ${countLines(after)} lines, which differ in too many places to show)`,
    ];
  }
  return patch.hunks.flatMap(({ lines, oldStart }, index) => [
    ...(index > 0 ? [`  (line ${oldStart})`] : []),
    ...lines.map((line) => `${line.slice(0, 1)}   ${cut(line.slice(1), MAX_LINE)}`),
  ]);
}

const countLines = (text: string) => text.split("\n").length;

function limit(lines: string[], max: number): string[] {
  if (lines.length <= max) return lines;
  return [...lines.slice(0, max), `  (${lines.length - max} more lines)`];
}
