/** The report as Markdown, for a comment on a pull request. */
import { escapeText, inlineCode } from "../../markdown/escape.ts";
import { COMMENT_BUDGET, fitSections } from "../../markdown/fit-sections.ts";
import { count, joinNames } from "../../markdown/phrases.ts";
import { isUnchanged, listKnownViolations, listNewViolations, type Report } from "../report.ts";
import { formatSections } from "./markdown-sections.ts";
import { mergeStacks } from "./merge-stacks.ts";
import { shortenCommit } from "./phrases.ts";
import { CHANGE, type View } from "./view.ts";

/** How to format reports as Markdown. */
export interface MarkdownOptions {
  /** Markdown that refers to the complete text, if the document does not fit into the budget. */
  readonly pointer?: string;
  /** Characters of the document. @default 60000, which a comment on GitHub may have */
  readonly budget?: number;
  /** @default that of a change */
  readonly view?: View;
}

/**
 * Formats the reports of one or more stacks as one document: violations and losses first, then restarts, and the rest
 * folded. A change that several stacks share appears once, with their names.
 */
export function formatMarkdown(reports: readonly Report[], options: MarkdownOptions = {}): string {
  const { pointer = "The log of the job has the rest.", budget = COMMENT_BUDGET, view = CHANGE } = options;
  const lead = [formatLead(reports, view)];
  if (view.note !== undefined && !reports.every(isUnchanged)) lead.push(escapeText(view.note));
  const sections = formatSections(reports, view);
  return fitSections({ lead: lead.join("\n\n"), sections, pointer }, budget);
}

/** The stacks, the commit, and the numbers of each stack. */
function formatLead(reports: readonly Report[], view: View): string {
  const [first] = reports;
  if (first === undefined) return "";
  const commit = first.commit === undefined ? "" : ` at ${inlineCode(shortenCommit(first.commit))}`;
  const title = `${formatStacks(reports)}${commit}, compared with ${inlineCode(first.against)}`;
  const summaries = mergeStacks(
    reports,
    (report) => [report],
    (report) => summarize(report, view),
  );
  if (summaries.length === 1) return `${title}: ${summarize(first, view)}.`;
  const lines = summaries.map(
    (merged) =>
      `- ${formatStacks(merged.map((variant) => variant.item))}: ${summarize(merged[0].item, view)}`,
  );
  return `${title}:\n\n${lines.join("\n")}`;
}

function formatStacks(reports: readonly Report[]): string {
  return joinNames(reports.map(({ stack }) => `**${escapeText(stack)}**`));
}

/** E.g. `1 change cannot be undone, 3 workloads restart, 2 objects added, 5 changed`. */
function summarize(report: Report, { restart, objects }: View): string {
  if (isUnchanged(report)) return "no changes";
  const { irreversible, restarts, added, removed, changed } = report;
  const [violations, known] = [listNewViolations(report), listKnownViolations(report)];
  return [
    ...(violations.length > 0 ? [count(violations.length, "violation")] : []),
    ...(irreversible.length > 0 ? [`${count(irreversible.length, "change")} cannot be undone`] : []),
    restarts.length === 0
      ? "no workload restarts"
      : `${count(restarts.length, "workload")} ${restarts.length === 1 ? "restarts" : "restart"}${restart}`,
    ...(removed.length > 0 ? [`${count(removed.length, "object")} ${objects.removed}`] : []),
    ...(added.length > 0 ? [`${count(added.length, "object")} ${objects.added}`] : []),
    ...(changed.length > 0 ? [`${count(changed.length, "object")} ${objects.changed}`] : []),
    ...(known.length > 0 ? [`${count(known.length, "violation")} as before`] : []),
  ].join(", ");
}
