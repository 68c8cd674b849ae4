/**
 * Writes the one comment on a pull request that reports what changes. A job runs it that has no code of the pull request: it
 * checks out the base commit, and reads the finding of the other job as data. Nothing is installed, so the imports are
 * limited to Node, this folder and `delivery/markdown`.
 */
import { Repository } from "./api/repository.ts";
import type { JobResult } from "./comment/decide-comment.ts";
import { postComment } from "./comment/post-comment.ts";
import { readFinding } from "./jobs/finding.ts";
import { readVariables, runMain } from "./jobs/variables.ts";

await runMain(async () => {
  const variables = readVariables([
    "GITHUB_API_URL",
    "GITHUB_REPOSITORY",
    "GITHUB_TOKEN",
    "PULL_REQUEST",
    "HEAD_SHA",
    "JOB_RESULT",
    "FINDING",
    "RUN_URL",
  ]);
  const decision = await postComment(Repository.ofJob(variables), {
    pullRequest: Number(variables.PULL_REQUEST),
    head: variables.HEAD_SHA,
    result: variables.JOB_RESULT as JobResult,
    finding: await readFinding(variables.FINDING),
    runUrl: variables.RUN_URL,
  });
  console.log(decision.action === "none" ? decision.reason : `Comment: ${decision.action}d.`);
  return 0;
});
