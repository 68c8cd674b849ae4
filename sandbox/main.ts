/** `npm run sandbox [-- <command>]`: Linkerd on a Kubernetes control plane of its own, on this machine. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { chooseCharts } from "./charts.ts";
import { type Cluster, deleteCluster, startCluster, stopCluster } from "./cluster.ts";
import { meshProgram, openStack } from "./engine.ts";
import { engineOutput } from "./engine-output.ts";
import { exampleStack } from "./example.ts";
import { end, findProcesses, isAlive } from "./processes.ts";
import { summary } from "./summary.ts";
import { obtainTools, type Progress, type Tools, terminalProgress } from "./tools/index.ts";
import { withLock } from "./tools/lock.ts";

/** A sandbox for each checkout, or wherever the environment says. */
const CLUSTER = resolve(process.env.LINKERD_MESH_SANDBOX ?? join(import.meta.dirname, "..", ".sandbox"));
/** Holds the pid of an update while it runs: with that process gone, it tells of one that was killed. */
const UPDATING = join(CLUSTER, "updating");

const USAGE = `usage: npm run sandbox [-- <command>]

  (none)          starts the sandbox, installs the mesh and an example workload
  preview         shows what \`up\` would change
  up              runs the program again
  destroy         takes the example and the mesh down; the cluster stays
  kubectl …       runs kubectl against the sandbox
  kubeconfig      prints the path of its kubeconfig
  stop            ends the sandbox's processes and keeps its data
  delete          ends them and removes the data`;

const shown = { color: "auto" as const, onOutput: engineOutput((text) => process.stdout.write(text)) };
const progress = terminalProgress();
/** For commands whose output is somebody else's input. */
const quiet: Progress = { say: () => {}, during: (_, work) => work() };

async function main([command = "start", ...rest]: string[]): Promise<number> {
  switch (command) {
    case "start":
      return start();
    case "preview":
      return eachStack((stack) => stack.preview(shown));
    case "up":
      return eachStack((stack) => stack.up(shown));
    case "destroy":
      return eachStack((stack) => stack.destroy(shown), "last first");
    case "kubectl": {
      const { cluster, tools } = await running(quiet);
      const env = { ...process.env, KUBECONFIG: cluster.kubeconfig };
      return spawnSync(tools.paths.kubectl, rest, { stdio: "inherit", env }).status ?? 1;
    }
    case "kubeconfig":
      console.log((await running(quiet)).cluster.kubeconfig);
      return 0;
    case "stop":
    case "delete": {
      await endEngines();
      const stopped = await (command === "stop" ? stopCluster(CLUSTER) : deleteCluster(CLUSTER));
      console.log(
        stopped.processes.length === 0
          ? "The sandbox was not running."
          : `Ended ${stopped.processes.join(", ")}; ports ${stopped.ports.join(", ")} are free again.`,
      );
      return 0;
    }
    default:
      console.error(`sandbox: no such command: ${command}\n\n${USAGE}`);
      return 2;
  }
}

async function start(): Promise<number> {
  const { cluster, tools } = await running();
  const charts = await chooseCharts();
  for (const { title, stack } of await stacks(cluster, charts.settings)) {
    await progress.during(title, () => update(() => stack.up()));
  }
  console.log(`\n${await summary(tools.paths.kubectl, cluster.kubeconfig, charts.description)}`);
  return 0;
}

/** The tools and a cluster that serves. */
async function running(report = progress): Promise<{ cluster: Cluster; tools: Tools }> {
  const tools = await obtainTools(progress);
  // The engine finds its providers on PATH.
  process.env.PATH = tools.searchPath;
  if (wasBrokenOff()) {
    progress.say("The last update was broken off; the sandbox starts afresh.");
    await endEngines();
    await deleteCluster(CLUSTER);
  }
  const options = { name: "linkerd-mesh", directory: CLUSTER, tools };
  return { tools, cluster: await report.during("Kubernetes control plane", () => startCluster(options)) };
}

/** The mesh, and the example that is another team's. */
async function stacks(
  cluster: Cluster,
  settings: { chartSource: string; chartVersion: string },
): Promise<{ title: string; stack: Stack }[]> {
  const engine = { directory: join(CLUSTER, "pulumi"), kubeconfig: cluster.kubeconfig };
  const config = { ...settings, clusterNetworks: ["127.0.0.0/8", "10.0.0.0/8"] };
  const mesh = { name: "linkerd-mesh", stack: "sandbox", config, program: meshProgram };
  const example = { name: "example", stack: "sandbox", config: {}, program: exampleStack };
  return [
    { title: "Mesh", stack: await openStack(engine, mesh) },
    { title: "Example workload", stack: await openStack(engine, example) },
  ];
}

async function eachStack(
  run: (stack: Stack) => Promise<unknown>,
  order: "in order" | "last first" = "in order",
) {
  const { cluster } = await running();
  const all = await stacks(cluster, (await chooseCharts()).settings);
  for (const { stack } of order === "in order" ? all : all.reverse()) await update(() => run(stack));
  return 0;
}

/** Leaves a mark for as long as an update runs. */
async function update(run: () => Promise<unknown>): Promise<void> {
  await withLock(join(CLUSTER, "pulumi"), async () => {
    writeFileSync(UPDATING, String(process.pid));
    try {
      await run();
    } finally {
      rmSync(UPDATING, { force: true });
    }
  });
}

/** A killed update leaves the engine's providers behind, of which the Kubernetes one waits for it for ever. */
async function endEngines(): Promise<void> {
  const providers = ["kubernetes", "tls", "random"].map((name) => `pulumi-resource-${name}`);
  await end(findProcesses(CLUSTER, ["pulumi", ...providers]));
}

function wasBrokenOff(): boolean {
  return existsSync(UPDATING) && !isAlive(Number(readFileSync(UPDATING, "utf8")));
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return 1;
});
