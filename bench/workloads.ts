/**
 * `npm run bench [-- <count>…]`: MeshedDeployments against as many plain Deployments, on the real engine and
 * API server, side by side in one run. 500 and 2,000 if nothing else is said.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteCluster, startCluster } from "../sandbox/cluster.ts";
import { obtainTools, terminalProgress } from "../sandbox/tools/index.ts";
import type { Kind, Measured } from "./measure.ts";

const KINDS: readonly Kind[] = ["raw", "meshed"];
/** Previews are short and noisy: the median of as many, taken in turns. */
const PREVIEWS = 3;

const counts = process.argv.slice(2).map(Number);
if (counts.length === 0) counts.push(500, 2000);
const bad = counts.filter((count) => !(Number.isInteger(count) && count > 0));
if (bad.length > 0) {
  console.error("usage: npm run bench [-- <count>…], e.g. npm run bench -- 500 2000");
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

function median(of: readonly Measured[]): Measured {
  const middle = (field: keyof Measured) =>
    of.map((each) => each[field]).sort((a, b) => a - b)[Math.floor(of.length / 2)] as number;
  return { seconds: middle("seconds"), program: middle("program"), engine: middle("engine") };
}

const cell = (text: string) => text.padStart(12);
const row = (label: string, cells: readonly string[]) =>
  console.log(label.padEnd(22) + cells.map(cell).join(""));

try {
  console.log("Deployments have no replicas, and state is saved once, at the end of an operation.");
  row("", ["raw", "meshed", "ratio", "raw/program", "meshed", "raw/engine", "meshed"]);
  const perDeployment = new Map<string, number>();
  for (const count of counts) {
    for (const operation of ["preview", "up"] as const) {
      const runs: Record<Kind, Measured[]> = { raw: [], meshed: [] };
      for (let run = 0; run < (operation === "preview" ? PREVIEWS : 1); run++) {
        for (const kind of KINDS) runs[kind].push(measure(kind, count, operation));
      }
      const [raw, meshed] = KINDS.map((kind) => median(runs[kind])) as [Measured, Measured];
      row(`${operation} of ${count}`, [
        `${raw.seconds.toFixed(1)} s`,
        `${meshed.seconds.toFixed(1)} s`,
        `${(meshed.seconds / raw.seconds).toFixed(2)}x`,
        ...[raw.program, meshed.program, raw.engine, meshed.engine].map((mib) => `${Math.round(mib)} MiB`),
      ]);
      const first = perDeployment.get(operation);
      const now = (meshed.seconds * 1000) / count;
      if (first === undefined) perDeployment.set(operation, now);
      else
        console.log(
          `  per MeshedDeployment: ${now.toFixed(1)} ms, at ${counts[0]} it was ${first.toFixed(1)} ms`,
        );
    }
  }
} finally {
  await deleteCluster(directory);
}
