/** Starts one sandbox for all engine tests of a run, with its own cluster and state, and deletes it afterwards. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { chooseCharts, type SandboxCharts } from "../../sandbox/charts.ts";
import { deleteCluster, startCluster } from "../../sandbox/cluster.ts";
import type { Engine } from "../../sandbox/engine.ts";
import { createProgress, obtainTools, type Tools } from "../../sandbox/tools/index.ts";

declare module "vitest" {
  export interface ProvidedContext {
    engine: Engine;
    tools: Tools;
    charts: SandboxCharts["settings"];
  }
}

export default async function setup(project: TestProject) {
  const progress = createProgress();
  const tools = await obtainTools(progress);
  const charts = await chooseCharts();
  progress.print(`Engine tests run with ${charts.description}.`);
  const directory = mkdtempSync(join(tmpdir(), "linkerd-mesh-"));
  const cluster = await progress.track("Kubernetes control plane for the tests", () =>
    startCluster({ name: "test", directory: join(directory, "cluster"), tools }),
  );
  project.provide("engine", { directory: join(directory, "pulumi"), kubeconfig: cluster.kubeconfig });
  project.provide("tools", tools);
  project.provide("charts", charts.settings);
  return () => deleteCluster(directory);
}
