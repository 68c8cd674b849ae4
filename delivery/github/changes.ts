/**
 * Finds out what a pull request changes, without a secret and without a cluster: whether the golden files are those of
 * the program, and what `npm run manifests` reports about the stacks against a commit. Writes the finding for the comment
 * and the summary of the job. A failure is a finding too.
 *
 * Usage: node delivery/github/changes.ts <commit> <stack>...
 */
import { combineFindings, writeFinding } from "./jobs/finding.ts";
import { checkGoldenFiles } from "./jobs/golden-files.ts";
import { compareManifests } from "./jobs/manifests.ts";
import { addToStepSummary, runCommand } from "./jobs/run-command.ts";
import { readVariables, runMain } from "./jobs/variables.ts";

await runMain(async () => {
  const { FINDING } = readVariables(["FINDING"]);
  const [reference = "", ...stacks] = process.argv.slice(2);
  // The report has the commit: `HEAD^1` means nothing outside of this checkout.
  const commit = await runCommand("git", ["rev-parse", "--short=12", "--verify", reference], {
    showOutput: false,
  });
  if (commit.code !== 0) throw new Error(`${reference}: must be a commit, got ${commit.stderr.trim()}`);
  const golden = await checkGoldenFiles();
  const findings = [await compareManifests(stacks, commit.stdout.trim())];
  if (golden !== undefined) findings.unshift({ outcome: "failed", markdown: golden });

  const finding = combineFindings(findings);
  await writeFinding(FINDING, finding);
  await addToStepSummary(finding.markdown);
  return finding.outcome === "failed" ? 1 : 0;
});
