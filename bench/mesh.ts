/**
 * `npm run bench:mesh [-- <runs>]`: the mesh of `Pulumi.prod.yaml` beside what it may be compared with, on the real
 * engine and API server. A preview with nothing to do, beside that of a program without resources, and of one
 * that starts the same providers; a first `up`, certificates and all, beside three `helm install --wait` of the same
 * charts with the same values. Sides take turns, 5 times if nothing else is said, and the best of each counts:
 * whatever else runs makes them longer only.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { mergeValues } from "../components/inputs/merge.ts";
import { chooseCharts } from "../sandbox/charts.ts";
import { type Cluster, deleteCluster, startCluster } from "../sandbox/cluster.ts";
import type { StackConfig } from "../sandbox/engine.ts";
import { obtainTools, terminalProgress } from "../sandbox/tools/index.ts";
import { install, writeValues } from "./helm.ts";
import type { Task } from "./measure-mesh.ts";
import { type Usage, usageOf } from "./usage.ts";

const runs = Number(process.argv[2] ?? 5);
if (!(Number.isInteger(runs) && runs > 0)) {
  console.error("usage: npm run bench:mesh [-- <runs>], e.g. npm run bench:mesh -- 5");
  process.exit(2);
}

const progress = terminalProgress();
const tools = await obtainTools(progress);
process.env.PATH = tools.searchPath;
const { settings, description } = await chooseCharts();
const charts = { source: settings.chartSource, version: settings.chartVersion };
const directory = mkdtempSync(join(tmpdir(), "linkerd-mesh-bench-"));

/** `Pulumi.prod.yaml`, but for what a sandbox cannot: nobody serves the injector, so pods start without it. */
function production(): StackConfig {
  const file = parse(readFileSync(join(import.meta.dirname, "..", "Pulumi.prod.yaml"), "utf8"));
  const prod = Object.fromEntries(
    Object.entries<StackConfig>(file.config).map(([key, value]) => [key.replace("linkerd-mesh:", ""), value]),
  );
  const extraValues = mergeValues(prod.extraValues ?? {}, {
    controlPlane: { webhookFailurePolicy: "Ignore" },
  });
  return { ...prod, ...settings, clusterNetworks: ["127.0.0.0/8"], extraValues };
}

const config = production();
let clusters = 0;

/** A new cluster for as long as `work` runs. */
async function withCluster<T>(work: (cluster: Cluster) => Promise<T>): Promise<T> {
  const place = join(directory, String(++clusters));
  const cluster = await startCluster({ name: "bench", directory: join(place, "cluster"), tools });
  try {
    return await work(cluster);
  } finally {
    await deleteCluster(join(place, "cluster"));
    rmSync(place, { recursive: true, force: true });
  }
}

/** An operation of ours, in a process of its own: as with the CLI, modules are loaded anew. */
function ours(cluster: Cluster, program: Task["program"], operation: Task["operation"]): Usage {
  const engine = { directory: join(cluster.directory, "..", "pulumi"), kubeconfig: cluster.kubeconfig };
  const task: Task = { engine, program, config, operation };
  const script = join(import.meta.dirname, "measure-mesh.ts");
  const output = execFileSync(process.execPath, [script, JSON.stringify(task)], { encoding: "utf8" });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

function best(of: readonly Usage[]): Usage {
  return { wall: Math.min(...of.map(({ wall }) => wall)), cpu: Math.min(...of.map(({ cpu }) => cpu)) };
}

function print(title: string, mine: readonly Usage[], theirs: readonly Usage[]): void {
  for (const measure of ["wall", "cpu"] as const) {
    const [a, b] = [best(mine)[measure], best(theirs)[measure]];
    const cells = [`${a.toFixed(2)} s`, `${b.toFixed(2)} s`, `${(a / b).toFixed(2)}x`];
    const label = measure === "wall" ? title : "  processor time";
    console.log(label.padEnd(58) + cells.map((cell) => cell.padStart(10)).join(""));
  }
}

try {
  console.log(`Pulumi.prod.yaml, with ${description}; best of ${runs}.`);
  console.log(" ".repeat(58) + ["mesh", "other", "ratio"].map((cell) => cell.padStart(10)).join(""));
  const helm = (cluster: Cluster) => ({ kubeconfig: cluster.kubeconfig, tools: tools.paths });
  await withCluster(async (cluster) => {
    const previews: Record<Task["program"], Usage[]> = { mesh: [], empty: [], providers: [] };
    const programs = Object.keys(previews) as Task["program"][];
    for (const program of programs) ours(cluster, program, "up");
    for (let run = 0; run < runs; run++) {
      for (const program of programs) previews[program].push(ours(cluster, program, "preview"));
    }
    print("no-op preview / an empty program's", previews.mesh, previews.empty);
    print("no-op preview / of one resource of each provider", previews.mesh, previews.providers);
    writeValues(helm(cluster), directory);
  });
  const installs: Record<"mesh" | "helm", Usage[]> = { mesh: [], helm: [] };
  for (let run = 0; run < runs; run++) {
    installs.helm.push(
      await withCluster((cluster) => usageOf(() => install(helm(cluster), charts, directory))),
    );
    installs.mesh.push(await withCluster(async (cluster) => ours(cluster, "mesh", "up")));
  }
  print("first up, certificates and all / three `helm install --wait`", installs.mesh, installs.helm);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
