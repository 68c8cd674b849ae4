/** `npm run record`: runs the program as it is and keeps the state that it leaves, one file for each of SETTINGS. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useStandIns } from "../../sandbox/charts.ts";
import { deleteCluster, startCluster } from "../../sandbox/cluster.ts";
import { meshProgram, openStack, type StackConfig } from "../../sandbox/engine.ts";
import { createProgress, obtainTools } from "../../sandbox/tools/index.ts";
import { standInArchives } from "../support/charts.ts";
import { STACK, written } from "./recording.ts";

/** Stacks that have as many kinds of resources as there are between them. */
const SETTINGS: Record<string, StackConfig> = {
  development: { viz: true },
  production: {
    highAvailability: true,
    cni: true,
    // With high availability no pod of viz starts here, as nobody serves the injector.
    viz: false,
    certificates: {
      mode: "generated",
      trustAnchors: [1, { generation: 2, algorithm: "RSA-4096" }],
      protect: true,
    },
  },
};

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
const { chartVersion } = useStandIns().settings;
const chartSource = standInArchives([chartVersion]);
const progress = createProgress();
const tools = await obtainTools(progress);
process.env.PATH = tools.searchPath;

for (const [name, settings] of Object.entries(SETTINGS)) {
  const file = join(import.meta.dirname, `${version}-${name}.json`);
  const directory = mkdtempSync(join(tmpdir(), "linkerd-mesh-record-"));
  const cluster = await startCluster({ name: "record", directory: join(directory, "cluster"), tools });
  try {
    const engine = { directory: join(directory, "pulumi"), kubeconfig: cluster.kubeconfig };
    const config = { chartSource, chartVersion, clusterNetworks: ["127.0.0.0/8"], ...settings };
    const stack = await openStack(engine, {
      name: "linkerd-mesh",
      stack: STACK,
      config,
      program: meshProgram,
    });
    await progress.track(file, async () => {
      await stack.up();
      writeFileSync(file, written({ settings: config, deployment: await stack.exportStack() }, chartSource));
    });
  } finally {
    await deleteCluster(directory);
  }
}
