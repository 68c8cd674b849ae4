/** `npm run manifests -- --stack <stack> [<options>]`: the objects of a stack, and how a change differs. */
import * as pulumi from "@pulumi/pulumi";
import { createProgress } from "../../sandbox/tools/index.ts";
import { recordStack } from "../program/record-program.ts";
import { listStacks } from "../program/stack-files.ts";
import { getChartCache } from "./charts/chart-cache.ts";
import { createFindChart } from "./charts/find-chart.ts";
import { type Command, parseCommand, USAGE, UsageError } from "./command-line.ts";
import { compareWithCluster, compareWithCommit } from "./compare-stack.ts";
import { findViolations, isRefused } from "./find-violations.ts";
import { formatReports, formatViolations } from "./format-reports.ts";
import { findCommit, findHead } from "./golden-at-ref.ts";
import { obtainHelm } from "./helm.ts";
import { ManifestsError } from "./manifests-error.ts";
import { formatManifest } from "./render/manifest.ts";
import { createRenderChart } from "./render/render-chart.ts";
import { createRenderRelease, type RenderRelease, renderStack } from "./render/render-stack.ts";
import { isUnchanged } from "./report.ts";

/** Exit status if the cluster differs from the program. */
const DRIFT = 2;

async function run(argv: readonly string[]): Promise<number> {
  const command = parseCommand(argv);
  if (command.help) {
    console.log(USAGE);
    return 0;
  }
  requireStacks(command.stacks);
  const helm = await obtainHelm(createProgress());
  const findChart = createFindChart(helm, getChartCache(), command);
  const renderRelease = createRenderRelease(findChart, createRenderChart(helm));
  return command.against === undefined
    ? print(command, renderRelease)
    : compare(command, command.against, renderRelease);
}

/** Prints the objects of the stacks. */
async function print({ stacks, format }: Command, renderRelease: RenderRelease): Promise<number> {
  let status = 0;
  for (const name of stacks) {
    const stack = await recordStack(name);
    const objects = await renderStack(stack, renderRelease);
    const violations = findViolations(stack, objects);
    process.stdout.write(format === "json" ? `${JSON.stringify(objects)}\n` : formatManifest(objects));
    // To stderr, because stdout has the objects.
    process.stderr.write(formatViolations(violations));
    if (isRefused(violations)) status = 1;
  }
  return status;
}

/** Prints the differences of the stacks. */
async function compare(
  { stacks, format }: Command,
  against: string,
  renderRelease: RenderRelease,
): Promise<number> {
  const isCluster = against === "cluster";
  const commit = isCluster ? undefined : await findCommit(against);
  const head = isCluster ? undefined : await findHead();
  const reports = [];
  for (const name of stacks) {
    const stack = await recordStack(name);
    reports.push(
      commit === undefined
        ? await compareWithCluster(stack, renderRelease)
        : await compareWithCommit(stack, { ref: against, commit, head }, renderRelease),
    );
  }
  process.stdout.write(formatReports(reports, format, isCluster));
  if (reports.some(({ violations }) => isRefused(violations))) return 1;
  const isDrift = reports.some((report) => !isUnchanged({ ...report, violations: [] }));
  return isCluster && isDrift ? DRIFT : 0;
}

function requireStacks(stacks: readonly string[]): void {
  const known = listStacks();
  const unknown = stacks.find((stack) => !known.includes(stack));
  if (unknown === undefined) return;
  throw new ManifestsError(
    "--stack",
    { reason: `must be one of ${known.join(", ")}`, got: JSON.stringify(unknown) },
    [`add Pulumi.${unknown}.yaml`],
  );
}

process.exitCode = await run(process.argv.slice(2)).catch((error: Error) => {
  const isExpected = [UsageError, ManifestsError, pulumi.RunError].some((type) => error instanceof type);
  // The stack of an error that this program does not raise is needed to report it.
  console.error(isExpected ? error.message : error.stack);
  return 1;
});
