/**
 * `npm run record:events [-- <scene>…]`: runs the scenes on the real engine in a sandbox, each in a cluster of its own, and
 * writes an event log for each situation in them, and the summaries. Without arguments, all scenes run. With `--summaries`,
 * none runs.
 */
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { useStandIns } from "../../sandbox/charts.ts";
import { deleteCluster, startCluster } from "../../sandbox/cluster.ts";
import { createProgress, obtainTools } from "../../sandbox/tools/index.ts";
import { standInArchives } from "../support/charts.ts";
import { Recorder } from "./recorder.ts";
import { SCENES } from "./scenes/index.ts";
import { writeSummaries } from "./summaries.ts";

const { values, positionals: names } = parseArgs({
  options: { summaries: { type: "boolean", default: false } },
  allowPositionals: true,
});
const unknown = names.find((name) => !(name in SCENES));
if (unknown !== undefined) {
  throw new Error(`record:events: scene: must be one of ${Object.keys(SCENES).join(", ")}, got ${unknown}.`);
}
if (!values.summaries) await recordScenes();
writeSummaries();

async function recordScenes(): Promise<void> {
  const versions = ["2026.6.3", useStandIns().settings.chartVersion] as const;
  const charts = { directory: realpathSync(standInArchives(versions)), versions };
  const progress = createProgress();
  const tools = await obtainTools(progress);
  process.env.PATH = tools.searchPath;

  for (const [name, scene] of Object.entries(SCENES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const directory = realpathSync(mkdtempSync(join(tmpdir(), "linkerd-mesh-events-")));
    const cluster = await startCluster({ name: "events", directory: join(directory, "cluster"), tools });
    const engine = { directory: join(directory, "pulumi"), kubeconfig: cluster.kubeconfig };
    try {
      await progress.track(name, () => scene(new Recorder(engine, tools, charts)));
    } finally {
      await deleteCluster(directory);
    }
  }
}
