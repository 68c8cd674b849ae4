/** Changed fields and their values as Markdown. */
import { escapeText, inlineCode } from "../markdown/escape.ts";
import type { Json } from "../objects/kubernetes-object.ts";
import type { FieldChange } from "../objects/object-changes.ts";
import { hasCertificate } from "../redaction/redact-text.ts";

/** A longer value is cut. The complete value is in the output of `pulumi preview --diff`. */
const LONGEST_VALUE = 160;

/** Formats a change, e.g. `` `spec.replicas`: `1` → `3` ``. */
export function formatField({ path, before, after }: FieldChange): string {
  const name = inlineCode(path);
  if (before === undefined) return `${name}: ${formatValue(after)} (added)`;
  if (after === undefined) return `${name}: ${formatValue(before)} (removed)`;
  if (isLong(before) && isLong(after)) return `${name}: ${describe(before)} → ${describe(after)}`;
  return `${name}: ${formatValue(before)} → ${formatValue(after)}`;
}

/** Formats the path of a change, with the certificates that the field has before it. */
export function formatFormer({ path, before }: FieldChange): string {
  const text = toText(before);
  return hasCertificate(text) ? `${inlineCode(path)} (now ${inlineCode(text)})` : inlineCode(path);
}

function formatValue(value: Json | undefined): string {
  return isLong(value) ? describe(value) : inlineCode(toText(value));
}

function isLong(value: Json | undefined): boolean {
  const text = toText(value);
  return text.length > LONGEST_VALUE && !hasCertificate(text);
}

/** The size of a value that is too long to be compared by eye. */
function describe(value: Json | undefined): string {
  const text = toText(value);
  const lines = text.trim().split("\n").length;
  return lines > 1
    ? `${lines} lines`
    : `${inlineCode(`${text.slice(0, LONGEST_VALUE)}…`)} (${escapeText(`${text.length}`)} characters)`;
}

/** Certificates of a bundle are on one line each. */
function toText(value: Json | undefined): string {
  if (typeof value !== "string") return JSON.stringify(value ?? null);
  return hasCertificate(value) ? value.trim().replaceAll(/\s*\n\s*/g, " + ") : value;
}
