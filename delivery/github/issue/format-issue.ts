/** The text of the issue about drift. */
import { details, table } from "../../markdown/blocks.ts";
import { escapeText, inlineCode } from "../../markdown/escape.ts";
import { COMMENT_BUDGET } from "../../markdown/fit-sections.ts";
import { formatMarker, removeMarkers } from "../api/marker.ts";
import type { StackFinding } from "../jobs/finding.ts";

export const ISSUE_MARKER = formatMarker("drift");
export const ISSUE_TITLE = "Drift: a cluster differs from its stack";

const OUTCOMES = {
  same: "no difference",
  different: "**differs**",
  failed: "**could not be checked**",
  missing: "**did not report**",
} as const;

/** Formats the issue: one line for each stack, then the details of those that differ, as far as they fit. */
export function formatIssue(stacks: readonly StackFinding[], runUrl: string): string {
  const rows = stacks.map(({ stack, finding }) => [
    inlineCode(stack),
    OUTCOMES[finding?.outcome ?? "missing"],
  ]);
  const lead = [
    ISSUE_MARKER,
    table(["Stack", "Result"], rows),
    `Last check: [run](${runUrl}). This issue is updated by each check, and closed by the first one without a difference.`,
  ].join("\n\n");

  const parts = [lead];
  let length = lead.length;
  for (const { stack, finding } of stacks) {
    if (!finding || finding.outcome === "same") continue;
    const part = details(stack, removeMarkers(finding.markdown));
    const short = `${escapeText(stack)}: too long for an issue. See the [summary of the run](${runUrl}).`;
    const chosen = length + part.length <= COMMENT_BUDGET ? part : short;
    parts.push(chosen);
    length += chosen.length;
  }
  return `${parts.join("\n\n")}\n`;
}
