/** Formats reports and violations for the output of the command. */
import type { Format } from "./command-line.ts";
import { formatJson } from "./formats/format-json.ts";
import { formatMarkdown } from "./formats/format-markdown.ts";
import { formatText } from "./formats/format-text.ts";
import { CHANGE, DRIFT } from "./formats/view.ts";
import type { Report, Violation } from "./report.ts";

/**
 * Formats reports. As JSON, one document for each stack.
 *
 * @param isCluster whether the reports compare with a cluster
 */
export function formatReports(reports: readonly Report[], format: Format, isCluster: boolean): string {
  if (format === "json") return reports.map(formatJson).join("");
  const view = isCluster ? DRIFT : CHANGE;
  return format === "markdown" ? formatMarkdown(reports, { view }) : formatText(reports, view);
}

/** Formats violations, one a line. */
export function formatViolations(violations: readonly Violation[]): string {
  return violations
    .map(({ level, rule, object, message }) => `${level} ${rule}: ${object}: ${message}\n`)
    .join("");
}
