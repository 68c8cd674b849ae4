/** `npm run sandbox [-- <command>]`: Linkerd on a Kubernetes control plane that runs on this machine. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { chooseCharts } from "./charts.ts";
import { type Cluster, deleteCluster, startCluster, stopCluster } from "./cluster.ts";
import { parseCommand, USAGE, UsageError } from "./command-line.ts";
import { meshProgram, openStack } from "./engine.ts";
import { filterEngineOutput } from "./engine-output.ts";
import { exampleProgram } from "./example.ts";
import { end, findProcesses, isAlive } from "./processes.ts";
import { sandboxSettings } from "./sandbox-settings.ts";
import { summarize } from "./summary.ts";
import { createProgress, obtainTools, type Progress, type Tools } from "./tools/index.ts";
import { withLock } from "./tools/lock.ts";

/** Each checkout has a sandbox of its own, unless the environment names a directory. */
const DIRECTORY = resolve(process.env.LINKERD_MESH_SANDBOX ?? join(import.meta.dirname, "..", ".sandbox"));
/** Has the pid of a running update. If that process does not run any more, the update was interrupted. */
const UPDATING = join(DIRECTORY, "updating");

const shown = { color: "auto" as const, onOutput: filterEngineOutput((text) => process.stdout.write(text)) };
const progress = createProgress();
/** For commands whose output is the input of other programs. */
const silent: Progress = { print: () => {}, track: (_, work) => work() };

async function run(argv: readonly string[]): Promise<number> {
  const { command, args } = parseCommand(argv);
  switch (command) {
    case "help":
      console.log(USAGE);
      return 0;
    case "start":
      return start();
    case "preview":
      return runOnEach((stack) => stack.preview(shown));
    case "up":
      return runOnEach((stack) => stack.up(shown));
    case "destroy":
      return runOnEach((stack) => stack.destroy(shown), "in reverse");
    case "kubectl": {
      const { cluster, tools } = await ensureRunning(silent);
      const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
      return spawnSync(tools.paths.kubectl, args, { stdio: "inherit", env }).status ?? 1;
    }
    case "kubeconfig":
      console.log((await ensureRunning(silent)).cluster.kubeconfig);
      return 0;
    case "stop":
    case "delete": {
      await endEngines();
      const { processes, ports } = await (command === "stop"
        ? stopCluster(DIRECTORY)
        : deleteCluster(DIRECTORY));
      console.log(
        processes.length === 0
          ? "The sandbox was not running."
          : `Ended ${processes.join(", ")}. Ports ${ports.join(", ")} are free again.`,
      );
      return 0;
    }
  }
}

async function start(): Promise<number> {
  const { cluster, tools } = await ensureRunning();
  const charts = await chooseCharts();
  for (const { title, stack } of await openStacks(cluster, charts.settings)) {
    await progress.track(title, () => update(() => stack.up()));
  }
  console.log(`\n${await summarize(tools.paths.kubectl, cluster.kubeconfig, charts.description)}`);
  return 0;
}

/** Obtains the tools, and starts the cluster unless it serves. */
async function ensureRunning(clusterProgress = progress): Promise<{ cluster: Cluster; tools: Tools }> {
  const tools = await obtainTools(progress);
  // The engine finds its providers on PATH.
  process.env.PATH = tools.searchPath;
  if (wasInterrupted()) {
    progress.print("The last update was interrupted. The sandbox is created again.");
    await endEngines();
    await deleteCluster(DIRECTORY);
  }
  const options = { name: "linkerd-mesh", directory: DIRECTORY, tools };
  const cluster = await clusterProgress.track("Kubernetes control plane", () => startCluster(options));
  return { tools, cluster };
}

/** Opens the stack of the mesh, and one with an example workload, as another team would have it. */
async function openStacks(
  cluster: Cluster,
  settings: { chartSource: string; chartVersion: string },
): Promise<{ title: string; stack: Stack }[]> {
  const engine = { directory: join(DIRECTORY, "pulumi"), kubeconfig: cluster.kubeconfig };
  const config = sandboxSettings(settings);
  const mesh = { name: "linkerd-mesh", stack: "sandbox", config, program: meshProgram };
  const example = { name: "example", stack: "sandbox", config: {}, program: exampleProgram };
  return [
    { title: "Mesh", stack: await openStack(engine, mesh) },
    { title: "Example workload", stack: await openStack(engine, example) },
  ];
}

async function runOnEach(
  operation: (stack: Stack) => Promise<unknown>,
  order: "in order" | "in reverse" = "in order",
): Promise<number> {
  const { cluster } = await ensureRunning();
  const stacks = await openStacks(cluster, (await chooseCharts()).settings);
  if (order === "in reverse") stacks.reverse();
  for (const { stack } of stacks) await update(() => operation(stack));
  return 0;
}

/** Runs an update, and keeps {@link UPDATING} for as long as it runs. */
async function update(operation: () => Promise<unknown>): Promise<void> {
  await withLock(
    join(DIRECTORY, "pulumi"),
    async () => {
      writeFileSync(UPDATING, String(process.pid));
      try {
        await operation();
      } finally {
        rmSync(UPDATING, { force: true });
      }
    },
    (pid) => progress.print(`Waiting for process ${pid}, which is updating the stacks.`),
  );
}

/** Ends the processes that an interrupted update left. The Kubernetes provider would wait for its engine forever. */
async function endEngines(): Promise<void> {
  const providers = ["kubernetes", "tls", "random"].map((name) => `pulumi-resource-${name}`);
  await end(findProcesses(DIRECTORY, ["pulumi", ...providers]));
}

function wasInterrupted(): boolean {
  return existsSync(UPDATING) && !isAlive(Number(readFileSync(UPDATING, "utf8")));
}

process.exitCode = await run(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return error instanceof UsageError ? 2 : 1;
});
