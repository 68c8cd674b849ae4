/** Starts a sandbox for each worker of a run, with its own cluster and state, and deletes them afterwards. */
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
    /** One for each worker: see engine.ts. */
    engines: Engine[];
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
  const names = Array.from({ length: Number(project.config.maxWorkers) }, (_, index) => `test-${index + 1}`);
  const clusters = names.map((name) =>
    startCluster({ name, directory: join(directory, name, "cluster"), tools }),
  );
  const started = await progress
    .track(`${names.length} Kubernetes control planes for the tests`, () => Promise.all(clusters))
    .catch(async (error) => {
      // vitest runs no teardown after a setup that fails.
      await Promise.allSettled(clusters);
      await deleteCluster(directory);
      throw error;
    });
  const engines = started.map(({ kubeconfig }, index) => ({
    directory: join(directory, names[index] as string, "pulumi"),
    kubeconfig,
  }));
  project.provide("engines", engines);
  project.provide("tools", tools);
  project.provide("charts", charts.settings);
  return () => deleteCluster(directory);
}
