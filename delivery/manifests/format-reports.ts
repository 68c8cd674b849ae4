/** Formats reports and violations for the output of the command. */
import type { Format } from "./command-line.ts";
import { formatJson } from "./formats/format-json.ts";
import { formatMarkdown } from "./formats/format-markdown.ts";
import { formatText } from "./formats/format-text.ts";
import type { Report, Violation } from "./report.ts";
import { isUnchanged } from "./report.ts";

/** How to read a comparison with a cluster. */
const DRIFT =
  "Left is the cluster, right the program: an added object is missing in the cluster. docs/recovery.md restores objects.";

/** Formats reports. As JSON, one document for each stack. */
export function formatReports(reports: readonly Report[], format: Format, isCluster: boolean): string {
  if (format === "json") return reports.map(formatJson).join("");
  const text = format === "markdown" ? formatMarkdown(reports) : formatText(reports);
  const hasDrift = isCluster && !reports.every(isUnchanged);
  return `${text.trimEnd()}\n${hasDrift ? `\n${DRIFT}\n` : ""}`;
}

/** Formats violations, one a line. */
export function formatViolations(violations: readonly Violation[]): string {
  return violations
    .map(({ level, rule, object, message }) => `${level} ${rule}: ${object}: ${message}\n`)
    .join("");
}
