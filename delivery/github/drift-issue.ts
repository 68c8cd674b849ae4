/**
 * Opens, updates or closes the one issue about drift, from the findings of the jobs that checked the stacks. The imports
 * are limited to Node, this folder and `delivery/markdown`, because nothing is installed beside a token that writes.
 */
import { join } from "node:path";
import { Repository } from "./api/repository.ts";
import { reportDrift } from "./issue/report-drift.ts";
import { readFinding } from "./jobs/finding.ts";
import { readVariables, runMain } from "./jobs/variables.ts";

await runMain(async () => {
  const variables = readVariables([
    "GITHUB_API_URL",
    "GITHUB_REPOSITORY",
    "GITHUB_TOKEN",
    "STACKS",
    "JOB_RESULT",
    "FINDINGS",
    "RUN_URL",
  ]);
  const stacks = await Promise.all(
    variables.STACKS.split(" ").map(async (stack) => ({
      stack,
      finding: await readFinding(join(variables.FINDINGS, `${stack}.json`)),
    })),
  );
  const decision = await reportDrift(Repository.ofJob(variables), stacks, {
    isComplete: variables.JOB_RESULT === "success",
    runUrl: variables.RUN_URL,
  });
  console.log(decision.action === "none" ? decision.reason : `Issue: ${decision.action}d.`);
  return 0;
});
