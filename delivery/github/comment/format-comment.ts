/** The text of the comment on a pull request. */
import { COMMENT_BUDGET } from "../../markdown/fit-sections.ts";
import { formatMarker, removeMarkers } from "../api/marker.ts";

export const COMMENT_MARKER = formatMarker("changes");

export type Verdict =
  | { readonly kind: "same" | "different"; readonly markdown: string }
  | { readonly kind: "failed"; readonly markdown: string | undefined }
  | { readonly kind: "cancelled" | "skipped" };

const LEADS: Record<Verdict["kind"], string> = {
  same: "### No stack changes",
  different: "### What changes",
  failed: "### :x: What changes is not known: the check failed",
  cancelled: "### :x: What changes is not known: the check was cancelled",
  skipped: "### :x: What changes is not known: the check did not run",
};

/**
 * Formats the comment. Its first visible lines have the commit, and whether the check succeeded.
 *
 * @param head the head commit of the pull request
 * @param runUrl page of the run, with the summary that has no limit
 */
export function formatComment(verdict: Verdict, head: string, runUrl: string): string {
  const lines = [
    COMMENT_MARKER,
    LEADS[verdict.kind],
    "",
    `Commit ${head}, merged into the base branch · [run](${runUrl})`,
  ];
  const text = "markdown" in verdict ? verdict.markdown?.trim() : undefined;
  if (text) lines.push("", shorten(removeMarkers(text), runUrl));
  return `${lines.join("\n")}\n`;
}

/** A text that is too long is not cut, because half a table or a block of code would hide what follows. */
function shorten(text: string, runUrl: string): string {
  if (text.length <= COMMENT_BUDGET) return text;
  return `The result is too long for a comment. It is in the [summary of the run](${runUrl}).`;
}
