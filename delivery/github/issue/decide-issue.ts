/** What happens to the issue about drift: pure decisions. */
import type { Issue } from "../api/repository.ts";
import type { StackFinding } from "../jobs/finding.ts";
import { formatIssue, ISSUE_TITLE } from "./format-issue.ts";

export type IssueDecision =
  | { readonly action: "none"; readonly reason: string }
  | { readonly action: "create"; readonly title: string; readonly body: string }
  | { readonly action: "update"; readonly number: number; readonly title: string; readonly body: string }
  | { readonly action: "close"; readonly number: number; readonly comment: string };

/** The run that checked the stacks. */
export interface CheckRun {
  /** Whether all its jobs succeeded. A job that fails can leave the finding of its earlier attempt. */
  readonly isComplete: boolean;
  /** Page of the run. */
  readonly runUrl: string;
}

/**
 * Decides what to write. The issue is open as long as one stack differs or could not be checked, so that a check that no
 * longer works is not taken for a stack without drift.
 */
export function decideIssue(
  stacks: readonly StackFinding[],
  existing: Pick<Issue, "number" | "title" | "body"> | undefined,
  { isComplete, runUrl }: CheckRun,
): IssueDecision {
  const isClean = stacks.length > 0 && stacks.every(({ finding }) => finding?.outcome === "same");
  if (isClean && isComplete) {
    if (!existing) return { action: "none", reason: "No stack differs, and no issue is open." };
    const comment = `No stack differs any more: [run](${runUrl}).`;
    return { action: "close", number: existing.number, comment };
  }
  // Nothing of a run that contradicts itself is reported as clean.
  const reported = isClean ? stacks.map(({ stack }) => ({ stack, finding: undefined })) : stacks;
  const body = formatIssue(reported, runUrl);
  if (!existing) return { action: "create", title: ISSUE_TITLE, body };
  return { action: "update", number: existing.number, title: ISSUE_TITLE, body };
}
