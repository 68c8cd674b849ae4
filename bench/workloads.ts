/**
 * `npm run bench:workloads [-- <count>…]`: MeshedDeployments against as many plain Deployments, and against
 * Deployments in a component that does nothing, on the real engine and API server, side by side in one run.
 * 500 and 2,000 if nothing else is said.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteCluster, startCluster } from "../sandbox/cluster.ts";
import { obtainTools, terminalProgress } from "../sandbox/tools/index.ts";
import type { Kind, Measured } from "./measure.ts";

const KINDS: readonly Kind[] = ["raw", "bare", "meshed"];
/** Previews are short, and whatever else runs makes them longer only: the best of as many, taken in turns. */
const PREVIEWS = 2;

const counts = process.argv.slice(2).map(Number);
if (counts.length === 0) counts.push(500, 2000);
const bad = counts.filter((count) => !(Number.isInteger(count) && count > 0));
if (bad.length > 0) {
  console.error("usage: npm run bench:workloads [-- <count>…], e.g. npm run bench:workloads -- 500 2000");
  process.exit(2);
}

const progress = terminalProgress();
const tools = await obtainTools(progress);
process.env.PATH = tools.searchPath;
// The local file backend writes all of a stack's state at every step, which would be all that is measured.
process.env.PULUMI_EXPERIMENTAL = "true";
process.env.PULUMI_SKIP_CHECKPOINTS = "true";
const directory = mkdtempSync(join(tmpdir(), "linkerd-mesh-bench-"));
const cluster = await startCluster({ name: "bench", directory: join(directory, "cluster"), tools });

function measure(kind: Kind, count: number, operation: "preview" | "up"): Measured {
  const args = [join(directory, "pulumi"), cluster.kubeconfig, kind, String(count), operation];
  const script = join(import.meta.dirname, "measure.ts");
  const output = execFileSync(process.execPath, [script, ...args], { encoding: "utf8" });
  return JSON.parse(output.trim().split("\n").at(-1) ?? "");
}

function best(of: readonly Measured[]): Measured {
  const least = (field: keyof Measured) => Math.min(...of.map((each) => each[field]));
  return { seconds: least("seconds"), program: least("program"), engine: least("engine") };
}

const cell = (text: string) => text.padStart(12);
const row = (label: string, cells: readonly string[]) =>
  console.log(label.padEnd(22) + cells.map(cell).join(""));

try {
  console.log("Deployments have no replicas, and state is saved once, at the end of an operation.");
  row("", [...KINDS, "meshed/raw", "bare/raw", "meshed/bare"]);
  const perDeployment = new Map<string, number>();
  for (const count of counts) {
    for (const operation of ["preview", "up"] as const) {
      const runs: Record<Kind, Measured[]> = { raw: [], bare: [], meshed: [] };
      for (let run = 0; run < (operation === "preview" ? PREVIEWS : 1); run++) {
        for (const kind of KINDS) runs[kind].push(measure(kind, count, operation));
      }
      const [raw, bare, meshed] = KINDS.map((kind) => best(runs[kind])) as [Measured, Measured, Measured];
      row(`${operation} of ${count}`, [
        ...[raw, bare, meshed].map(({ seconds }) => `${seconds.toFixed(1)} s`),
        ...[meshed.seconds / raw.seconds, bare.seconds / raw.seconds, meshed.seconds / bare.seconds].map(
          (ratio) => `${ratio.toFixed(2)}x`,
        ),
      ]);
      for (const memory of ["program", "engine"] as const) {
        const peaks = [raw, bare, meshed].map((each) => `${Math.round(each[memory])} MiB`);
        row(`  peak of the ${memory}`, [...peaks, `${(meshed[memory] / raw[memory]).toFixed(2)}x`]);
      }
      const now = (meshed.seconds * 1000) / count;
      const first = perDeployment.get(operation);
      if (first === undefined) perDeployment.set(operation, now);
      else console.log(`  each took ${now.toFixed(1)} ms; of ${counts[0]}, each took ${first.toFixed(1)} ms`);
    }
  }
} finally {
  await deleteCluster(directory);
}
