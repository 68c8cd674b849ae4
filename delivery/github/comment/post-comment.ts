/** Writes the comment on a pull request. */
import { isMarked, retryFromRead } from "../api/marker.ts";
import type { Repository } from "../api/repository.ts";
import type { Finding } from "../jobs/finding.ts";
import { type CommentDecision, decideComment, type JobResult } from "./decide-comment.ts";
import { COMMENT_MARKER } from "./format-comment.ts";

export interface PostedComment {
  /** Number of the pull request. */
  readonly pullRequest: number;
  readonly head: string;
  readonly result: JobResult;
  readonly finding: Finding | undefined;
  readonly runUrl: string;
}

/** Returns the decision that was carried out. */
export async function postComment(
  repository: Repository,
  { pullRequest, ...posted }: PostedComment,
): Promise<CommentDecision> {
  return retryFromRead(async () => {
    let existing: { id: number; body?: string } | undefined;
    for await (const comment of repository.listComments(pullRequest)) {
      if (isMarked(comment, COMMENT_MARKER)) existing ??= comment;
    }
    const decision = decideComment({
      ...posted,
      // Read last, so that it is as new as possible.
      pullRequest: await repository.getPullRequest(pullRequest),
      existing,
    });
    if (decision.action === "create") await repository.createComment(pullRequest, decision.body);
    if (decision.action === "update") await repository.updateComment(decision.id, decision.body);
    return decision;
  });
}
