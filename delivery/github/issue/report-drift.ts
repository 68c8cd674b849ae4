/** Writes the issue about drift. */
import { isMarked, retryFromRead } from "../api/marker.ts";
import type { Issue, Repository } from "../api/repository.ts";
import type { StackFinding } from "../jobs/finding.ts";
import { type CheckRun, decideIssue, type IssueDecision } from "./decide-issue.ts";
import { ISSUE_MARKER } from "./format-issue.ts";

/** Returns the decision that was carried out. */
export async function reportDrift(
  repository: Repository,
  stacks: readonly StackFinding[],
  run: CheckRun,
): Promise<IssueDecision> {
  return retryFromRead(async () => {
    let existing: Issue | undefined;
    for await (const issue of repository.listOpenIssues()) {
      if (!issue.pull_request && isMarked(issue, ISSUE_MARKER)) existing ??= issue;
    }
    const decision = decideIssue(stacks, existing, run);
    switch (decision.action) {
      case "create":
        await repository.createIssue({ title: decision.title, body: decision.body });
        break;
      case "update":
        await repository.updateIssue(decision.number, { title: decision.title, body: decision.body });
        break;
      case "close":
        // Closed first: a comment that fails is not worth an open issue.
        await repository.updateIssue(decision.number, { state: "closed", state_reason: "completed" });
        await repository.createComment(decision.number, decision.comment);
        break;
    }
    return decision;
  });
}
