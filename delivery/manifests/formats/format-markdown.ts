/** The report as Markdown, for a comment on a pull request. */
import { escapeText, inlineCode } from "../../markdown/escape.ts";
import { COMMENT_BUDGET, fitSections } from "../../markdown/fit-sections.ts";
import { isUnchanged, type Report } from "../report.ts";
import { formatSections } from "./markdown-sections.ts";
import { mergeStacks } from "./merge-stacks.ts";
import { count, joinNames, shortenCommit } from "./phrases.ts";

/** How to format reports as Markdown. */
export interface MarkdownOptions {
  /** Markdown that refers to the complete text, if the document does not fit into the budget. */
  readonly pointer?: string;
  /** Characters of the document. @default 60000, which a comment on GitHub may have */
  readonly budget?: number;
}

/**
 * Formats the reports of one or more stacks as one document: violations and losses first, then restarts, and the rest
 * folded. A change that several stacks share appears once, with their names.
 */
export function formatMarkdown(reports: readonly Report[], options: MarkdownOptions = {}): string {
  const { pointer = "The log of the job has the rest.", budget = COMMENT_BUDGET } = options;
  return fitSections({ lead: formatLead(reports), sections: formatSections(reports), pointer }, budget);
}

/** The stacks, the commit, and the numbers of each stack. */
function formatLead(reports: readonly Report[]): string {
  const [first] = reports;
  if (first === undefined) return "";
  const commit = first.commit === undefined ? "" : ` at ${inlineCode(shortenCommit(first.commit))}`;
  const title = `${formatStacks(reports)}${commit}, compared with ${inlineCode(first.against)}`;
  const summaries = mergeStacks(
    reports,
    (report) => [report],
    (report) => summarize(report),
  );
  if (summaries.length === 1) return `${title}: ${summarize(first)}.`;
  const lines = summaries.map(
    (merged) => `- ${formatStacks(merged.map((variant) => variant.item))}: ${summarize(merged[0].item)}`,
  );
  return `${title}:\n\n${lines.join("\n")}`;
}

function formatStacks(reports: readonly Report[]): string {
  return joinNames(reports.map(({ stack }) => `**${escapeText(stack)}**`));
}

/** E.g. `1 change cannot be undone, 3 workloads restart, 2 objects added, 5 changed`. */
function summarize(report: Report): string {
  if (isUnchanged(report)) return "no changes";
  const { violations, irreversible, restarts, added, removed, changed } = report;
  return [
    ...(violations.length > 0 ? [count(violations.length, "violation")] : []),
    ...(irreversible.length > 0 ? [`${count(irreversible.length, "change")} cannot be undone`] : []),
    restarts.length === 0
      ? "no workload restarts"
      : `${count(restarts.length, "workload")} ${restarts.length === 1 ? "restarts" : "restart"}`,
    ...(removed.length > 0 ? [`${count(removed.length, "object")} removed`] : []),
    ...(added.length > 0 ? [`${count(added.length, "object")} added`] : []),
    ...(changed.length > 0 ? [`${count(changed.length, "object")} changed`] : []),
  ].join(", ");
}
