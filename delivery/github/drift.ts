/**
 * Checks whether the cluster of a stack differs from it, and writes the finding for the issue. Two checks are needed:
 * Pulumi compares its state with Helm's record of a release, and the manifests are compared with the objects, which
 * `kubectl edit` changes. Nothing is written to the state or the cluster.
 *
 * Usage: node delivery/github/drift.ts <stack>
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { combineFindings, writeFinding } from "./jobs/finding.ts";
import { compareManifests } from "./jobs/manifests.ts";
import { runPulumi } from "./jobs/pulumi-command.ts";
import { addToStepSummary } from "./jobs/run-command.ts";
import { readVariables, runMain } from "./jobs/variables.ts";

await runMain(async () => {
  const { RUNNER_TEMP, FINDING } = readVariables(["RUNNER_TEMP", "FINDING"]);
  const [stack] = process.argv.slice(2);
  if (!stack) throw new Error("Usage: drift.ts <stack>");
  const directory = await mkdtemp(join(RUNNER_TEMP, "events-"));
  const findings = [
    await runPulumi("drift", stack, join(directory, `${stack}.jsonl`)),
    await compareManifests([stack], "cluster"),
  ];
  const finding = combineFindings(findings);
  await writeFinding(FINDING, finding);
  await addToStepSummary(finding.markdown);
  return finding.outcome === "same" ? 0 : 1;
});
