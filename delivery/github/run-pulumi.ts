/**
 * Runs Pulumi for a stack, without a private key in its output, and writes a summary to the job.
 *
 * Usage: node delivery/github/run-pulumi.ts preview|up|verify <stack>
 */
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { isPulumiStep, runPulumi } from "./jobs/pulumi-command.ts";
import { addToStepSummary } from "./jobs/run-command.ts";
import { readVariables, runMain } from "./jobs/variables.ts";

await runMain(async () => {
  const { RUNNER_TEMP } = readVariables(["RUNNER_TEMP"]);
  const [step, stack] = process.argv.slice(2);
  if (!isPulumiStep(step) || !stack) throw new Error("Usage: run-pulumi.ts preview|up|verify <stack>");
  const directory = await mkdtemp(join(RUNNER_TEMP, "events-"));
  const { outcome, markdown } = await runPulumi(step, stack, join(directory, `${stack}.jsonl`));
  await addToStepSummary(markdown);
  return outcome === "same" ? 0 : 1;
});
