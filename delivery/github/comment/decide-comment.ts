/** What happens to the comment on a pull request: pure decisions. */
import type { PullRequest } from "../api/repository.ts";
import type { Finding } from "../jobs/finding.ts";
import { formatComment, type Verdict } from "./format-comment.ts";

/** Result of the job that runs the code of the pull request, as in `needs.<job>.result`. */
export type JobResult = "success" | "failure" | "cancelled" | "skipped";

export interface CommentState {
  /** The head commit that the job looked at. */
  readonly head: string;
  readonly result: JobResult;
  /** What the job found. `undefined` if it wrote nothing. */
  readonly finding: Finding | undefined;
  /** The pull request now. */
  readonly pullRequest: PullRequest;
  /** The comment of an earlier run. */
  readonly existing: { readonly id: number; readonly body?: string } | undefined;
  /** Page of the run. */
  readonly runUrl: string;
}

export type CommentDecision =
  | { readonly action: "none"; readonly reason: string }
  | { readonly action: "create"; readonly body: string }
  | { readonly action: "update"; readonly id: number; readonly body: string };

/**
 * Decides what to write. An earlier comment never stays if it differs from the result of this run, also if the run failed or
 * was cancelled. A run about a commit that is no longer the head writes nothing.
 */
export function decideComment(state: CommentState): CommentDecision {
  const { head, pullRequest, existing, runUrl } = state;
  if (pullRequest.state !== "open") return { action: "none", reason: "The pull request is closed." };
  if (pullRequest.head.sha !== head) {
    return { action: "none", reason: `The head is now ${pullRequest.head.sha}. Its own run comments.` };
  }
  const verdict = findVerdict(state);
  if (verdict.kind === "same" && !existing) {
    return { action: "none", reason: "Nothing changes, and no earlier comment reports a change." };
  }
  const body = formatComment(verdict, head, runUrl);
  if (!existing) return { action: "create", body };
  if (existing.body === body) return { action: "none", reason: "The comment is up to date." };
  return { action: "update", id: existing.id, body };
}

/** A finding counts only together with a job result that agrees: the job may fail after it wrote the file. */
function findVerdict({ result, finding }: CommentState): Verdict {
  if (result === "cancelled" || result === "skipped") return { kind: result };
  if (result === "failure") return { kind: "failed", markdown: finding?.markdown };
  if (!finding || finding.outcome === "failed") return { kind: "failed", markdown: finding?.markdown };
  return { kind: finding.outcome, markdown: finding.markdown };
}
