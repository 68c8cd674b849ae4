/** `npm run manifests -- --stack <stack> [<options>]`: the objects of a stack, and how a change differs. */
import * as pulumi from "@pulumi/pulumi";
import { createProgress } from "../../sandbox/tools/index.ts";
import { listStacks } from "../program/stack-files.ts";
import { getChartCache } from "./charts/chart-cache.ts";
import { createFindChart } from "./charts/find-chart.ts";
import { type Command, parseCommand, USAGE, UsageError } from "./command-line.ts";
import { compareWithCluster } from "./compare-with-cluster.ts";
import { compareWithRef } from "./compare-with-ref.ts";
import { formatReports } from "./format.ts";
import { isRefused } from "./find-violations.ts";
import { obtainHelm } from "./helm.ts";
import { ManifestsError } from "./manifests-error.ts";
import { printManifests } from "./print-manifests.ts";
import { createRenderChart } from "./render/render-chart.ts";
import { createRenderRelease } from "./render/render-stack.ts";

async function run(argv: readonly string[]): Promise<number> {
  const command = parseCommand(argv);
  if (command.help) {
    console.log(USAGE);
    return 0;
  }
  requireStacks(command.stacks);
}
