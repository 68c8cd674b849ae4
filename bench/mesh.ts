/**
 * `npm run bench:mesh [-- <runs>]` compares the mesh of `Pulumi.prod.yaml`, on the real engine and API server:
 *
 * - a preview without changes, with that of a program without resources, and with that of a program that starts the
 *   same providers,
 * - a preview without changes of a mesh with viz and all of monitoring, with that of one with viz and no dashboards, alerts,
 *   readers or links,
 * - a first `up`, certificates included, with three `helm install --wait` of the same charts with the same values.
 *
 * Both sides run in turns, by default 5 times, and the best run of each counts: other work on the machine can
 * only prolong a run.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { mergeValues } from "../components/inputs/merge.ts";
import { chooseCharts } from "../sandbox/charts.ts";
import { type Cluster, deleteCluster, startCluster } from "../sandbox/cluster.ts";
import type { StackConfig } from "../sandbox/engine.ts";
import { createProgress, obtainTools } from "../sandbox/tools/index.ts";
import { parseCounts } from "./arguments.ts";
import { install, type Target, writeValues } from "./helm.ts";
import type { Task } from "./measure-mesh.ts";
import { runScript } from "./run-script.ts";
import { measureUsage, type Usage } from "./usage.ts";

const [runs = 5] = parseCounts("npm run bench:mesh [-- <runs>]", 1);
const progress = createProgress();
const tools = await obtainTools(progress);
process.env.PATH = tools.searchPath;
const { settings, description } = await chooseCharts();
const charts = { source: settings.chartSource, version: settings.chartVersion };
const directory = mkdtempSync(join(tmpdir(), "linkerd-mesh-bench-"));

/** Reads `Pulumi.prod.yaml`. In a sandbox, nothing serves the injector, so pods must start without it. */
function readProductionConfig(): StackConfig {
  const file = parse(readFileSync(join(import.meta.dirname, "..", "Pulumi.prod.yaml"), "utf8"));
  const prod = Object.fromEntries(
    Object.entries<StackConfig>(file.config).map(([key, value]) => [key.replace("linkerd-mesh:", ""), value]),
  );
  const extraValues = mergeValues(prod.extraValues ?? {}, {
    controlPlane: { webhookFailurePolicy: "Ignore" },
  });
  return { ...prod, ...settings, clusterNetworks: ["127.0.0.0/8"], extraValues };
}

const config = readProductionConfig();

/** Settings of monitoring: as many dashboards, rules and permissions as there are, and as few. */
const MONITORING = {
  all: {
    dashboards: { folder: "Mesh" },
    alerts: { labels: { team: "platform" } },
    grafana: { url: "grafana.grafana:3000" },
    prometheus: {
      retention: "15d",
      alertmanagers: ["alertmanager.monitoring.svc:9093"],
      readers: [{ namespace: "grafana", serviceAccount: "grafana" }],
    },
  },
  none: { dashboards: false, alerts: false },
};
let clusters = 0;

/** Runs `work` on a new cluster. */
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

function withTools({ kubeconfig }: Cluster): Target {
  return { kubeconfig, tools: tools.paths };
}

/** Measures an operation in a process of its own, which loads all modules again, as the CLI does. */
function measure(
  cluster: Cluster,
  program: Task["program"],
  operation: Task["operation"],
  settings: StackConfig = config,
): Promise<Usage> {
  const engine = { directory: join(cluster.directory, "..", "pulumi"), kubeconfig: cluster.kubeconfig };
  const task: Task = { engine, program, config: settings, operation };
  return runScript<Usage>("measure-mesh.ts", task);
}

function findBest(of: readonly Usage[]): Usage {
  return { wall: Math.min(...of.map(({ wall }) => wall)), cpu: Math.min(...of.map(({ cpu }) => cpu)) };
}

function print(title: string, mesh: readonly Usage[], other: readonly Usage[]): void {
  for (const measure of ["wall", "cpu"] as const) {
    const [a, b] = [findBest(mesh)[measure], findBest(other)[measure]];
    const cells = [`${a.toFixed(2)} s`, `${b.toFixed(2)} s`, `${(a / b).toFixed(2)}x`];
    const label = measure === "wall" ? title : "  processor time";
    console.log(label.padEnd(58) + cells.map((cell) => cell.padStart(10)).join(""));
  }
}

type Previews = Record<Task["program"], Usage[]>;

async function measurePreviews(cluster: Cluster): Promise<Previews> {
  const previews: Previews = { mesh: [], empty: [], providers: [] };
  const programs = Object.keys(previews) as Task["program"][];
  for (const program of programs) await measure(cluster, program, "up");
  for (let run = 0; run < runs; run++) {
    for (const program of programs) previews[program].push(await measure(cluster, program, "preview"));
  }
  return previews;
}

/** Measures previews of two meshes with viz, each in a cluster of its own. */
function measureMonitoring(): Promise<Record<keyof typeof MONITORING, Usage[]>> {
  return withCluster((one) =>
    withCluster(async (other) => {
      const sides = [
        { name: "all", cluster: one },
        { name: "none", cluster: other },
      ] as const;
      const previews: Record<keyof typeof MONITORING, Usage[]> = { all: [], none: [] };
      const run = (side: (typeof sides)[number], operation: Task["operation"]) =>
        measure(side.cluster, "mesh", operation, {
          ...config,
          viz: true,
          monitoring: MONITORING[side.name],
        });
      for (const side of sides) await run(side, "up");
      for (let count = 0; count < runs; count++) {
        for (const side of sides) previews[side.name].push(await run(side, "preview"));
      }
      return previews;
    }),
  );
}

async function measureInstalls(): Promise<Record<"mesh" | "helm", Usage[]>> {
  const installs: Record<"mesh" | "helm", Usage[]> = { mesh: [], helm: [] };
  for (let run = 0; run < runs; run++) {
    installs.helm.push(
      await withCluster((cluster) => measureUsage(() => install(withTools(cluster), charts, directory))),
    );
    installs.mesh.push(await withCluster((cluster) => measure(cluster, "mesh", "up")));
  }
  return installs;
}

try {
  console.log(`Pulumi.prod.yaml with ${description}. Best of ${runs} runs.`);
  console.log(" ".repeat(58) + ["mesh", "other", "ratio"].map((cell) => cell.padStart(10)).join(""));
  await withCluster(async (cluster) => {
    const previews = await progress.track("Measuring previews", () => measurePreviews(cluster));
    print("preview without changes / of a program without resources", previews.mesh, previews.empty);
    print("preview without changes / of one resource per provider", previews.mesh, previews.providers);
    writeValues(withTools(cluster), directory);
  });
  const monitoring = await progress.track("Measuring previews of monitoring", measureMonitoring);
  print("preview with all of monitoring / with none of it", monitoring.all, monitoring.none);
  const installs = await progress.track("Measuring installations", measureInstalls);
  print("first `up` with certificates / three `helm install --wait`", installs.mesh, installs.helm);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
