/**
 * `npm run bench:workloads [-- <count>…]` compares MeshedDeployments with as many plain Deployments, and with as many
 * Deployments in a component that does nothing, on the real engine and API server, in turns. The default counts are
 * 500 and 2000.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteCluster, startCluster } from "../sandbox/cluster.ts";
import { createProgress, obtainTools } from "../sandbox/tools/index.ts";
import { parseCounts } from "./arguments.ts";
import type { Kind, Measured, Task } from "./measure.ts";
import { runScript } from "./run-script.ts";

const KINDS: readonly Kind[] = ["plain", "component", "meshed"];
/** Previews are short, and other work on the machine can only prolong them. The best of this many runs counts. */
const PREVIEWS = 2;

const counts = parseCounts("npm run bench:workloads [-- <count>…]");
if (counts.length === 0) counts.push(500, 2000);

const progress = createProgress();
const tools = await obtainTools(progress);
process.env.PATH = tools.searchPath;
// The local file backend writes the complete state at every step, which would take most of the time.
process.env.PULUMI_EXPERIMENTAL = "true";
process.env.PULUMI_SKIP_CHECKPOINTS = "true";
const directory = mkdtempSync(join(tmpdir(), "linkerd-mesh-bench-"));
const cluster = await startCluster({ name: "bench", directory: join(directory, "cluster"), tools });
const engine = { directory: join(directory, "pulumi"), kubeconfig: cluster.kubeconfig };

/** Measures an operation on each kind, in turns, and returns the best run of each. */
async function measure(count: number, operation: Task["operation"]): Promise<Record<Kind, Measured>> {
  const runs: Record<Kind, Measured[]> = { plain: [], component: [], meshed: [] };
  for (let run = 0; run < (operation === "preview" ? PREVIEWS : 1); run++) {
    for (const kind of KINDS) {
      const task: Task = { engine, kind, count, operation };
      runs[kind].push(await runScript<Measured>("measure.ts", task));
    }
  }
  return {
    plain: findBest(runs.plain),
    component: findBest(runs.component),
    meshed: findBest(runs.meshed),
  };
}

function findBest(of: readonly Measured[]): Measured {
  const least = (field: keyof Measured) => Math.min(...of.map((each) => each[field]));
  return { seconds: least("seconds"), program: least("program"), engine: least("engine") };
}

function printRow(label: string, cells: readonly string[]): void {
  console.log(label.padEnd(22) + cells.map((cell) => cell.padStart(17)).join(""));
}

function print(title: string, { plain, component, meshed }: Record<Kind, Measured>): void {
  printRow(title, [
    ...[plain, component, meshed].map(({ seconds }) => `${seconds.toFixed(1)} s`),
    ...[
      meshed.seconds / plain.seconds,
      component.seconds / plain.seconds,
      meshed.seconds / component.seconds,
    ].map((ratio) => `${ratio.toFixed(2)}x`),
  ]);
  for (const memory of ["program", "engine"] as const) {
    const peaks = [plain, component, meshed].map((each) => `${Math.round(each[memory])} MiB`);
    printRow(`  peak of the ${memory}`, [...peaks, `${(meshed[memory] / plain[memory]).toFixed(2)}x`]);
  }
}

try {
  console.log("Deployments have no replicas. The state is saved once, at the end of an operation.");
  printRow("", [...KINDS, "meshed/plain", "component/plain", "meshed/component"]);
  const perDeployment = new Map<Task["operation"], number>();
  for (const count of counts) {
    for (const operation of ["preview", "up"] as const) {
      const title = `${operation} of ${count}`;
      const best = await progress.track(`Measuring ${title}`, () => measure(count, operation));
      print(title, best);
      const now = (best.meshed.seconds * 1000) / count;
      const first = perDeployment.get(operation);
      if (first === undefined) perDeployment.set(operation, now);
      else
        console.log(`  ${now.toFixed(1)} ms per MeshedDeployment, ${first.toFixed(1)} ms with ${counts[0]}`);
    }
  }
} finally {
  await deleteCluster(directory);
}
