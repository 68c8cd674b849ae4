/** Changes of fields as lines of a diff. */
import { structuredPatch } from "diff";
import { stringify } from "yaml";
import type { Json } from "../../objects/kubernetes-object.ts";
import type { ReportedField } from "../report.ts";

/** Characters of one value. A longer value is cut. */
const MAX_VALUE = 100;
/** Lines of the differences of one value. */
const MAX_LINES = 40;
/** Equal lines around a difference. */
const CONTEXT = 2;
/** Differing lines, and milliseconds, after which two texts are reported as different without their lines. */
const DIFF_LIMITS = { maxEditLength: 2_000, timeout: 500 };

/**
 * Formats a change as lines that begin with `+`, `-` or a space, as in a diff. A value in one line is one line with both
 * values; longer values are compared line by line, lists and objects as YAML.
 *
 * @param changed Character at the beginning of a line with both values.
 */
export function formatField({ path, before, after }: ReportedField, changed = "~"): string[] {
  const [left, right] = [before, after].map(toText);
  if (isLine(left) && isLine(right)) {
    if (left === undefined) return [`+ ${path}: ${cut(right)}`];
    if (right === undefined) return [`- ${path}: ${cut(left)}`];
    return [`${changed} ${path}: ${cut(left)} → ${cut(right)}`];
  }
  const sign = left === undefined ? "+" : right === undefined ? "-" : changed;
  return [`${sign} ${path}:`, ...limit(compareLines(left ?? "", right ?? ""))];
}

const isLine = (text: string | undefined) => text === undefined || !text.includes("\n");

/** A value as text: a string as it is, a list or an object as YAML. */
function toText(value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value?.replace(/\n+$/, "");
  if (typeof value !== "object" || value === null) return String(value);
  const isEmpty = Object.keys(value).length === 0;
  return isEmpty ? JSON.stringify(value) : stringify(value, { lineWidth: 0 }).trimEnd();
}

function cut(text = ""): string {
  if (text === "") return '""';
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}… (${text.length} characters)` : text;
}

function compareLines(before: string, after: string): string[] {
  const [left, right] = [before, after].map((text) => (text === "" ? "" : `${text}\n`));
  const patch = structuredPatch("", "", left ?? "", right ?? "", "", "", {
    context: CONTEXT,
    ...DIFF_LIMITS,
  });
  if (patch === undefined) {
    return [
      `  (${countLines(before)} lines → ${countLines(after)} lines, which differ in too many places to show)`,
    ];
  }
  return patch.hunks.flatMap(({ lines, oldStart }, index) => [
    ...(index > 0 ? [`  (line ${oldStart})`] : []),
    ...lines.map((line) => `${line.slice(0, 1)}   ${cut(line.slice(1))}`),
  ]);
}

const countLines = (text: string) => text.split("\n").length;

function limit(lines: string[]): string[] {
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES), `  (${lines.length - MAX_LINES} more lines)`];
}
