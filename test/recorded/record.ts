/** `npm run record`: deploys the current program once per entry of SETTINGS, and exports each state to a file. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useStandIns } from "../../sandbox/charts.ts";
import { deleteCluster, startCluster } from "../../sandbox/cluster.ts";
import { meshProgram, openStack, type StackConfig } from "../../sandbox/engine.ts";
import { createProgress, obtainTools } from "../../sandbox/tools/index.ts";
import { standInArchives } from "../support/charts.ts";
import { formatRecording, STACK } from "./recording.ts";

/** Settings of the recorded stacks. Together they create every kind of resource. */
const SETTINGS: Record<string, StackConfig> = {
  development: { viz: true },
  production: {
    highAvailability: true,
    cni: true,
    // With high availability, viz's pods cannot start here, because no process serves the injector.
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
      writeFileSync(
        file,
        formatRecording({ settings: config, deployment: await stack.exportStack() }, chartSource),
      );
    });
  } finally {
    await deleteCluster(directory);
  }
}
