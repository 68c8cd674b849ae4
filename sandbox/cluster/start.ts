/**
 * Creates a cluster, or starts the components of an existing one that do not run. kwokctl does the work, after the
 * pid files and links that would mislead it are removed.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tools } from "../tools/index.ts";
import { isServing, runKubectl, runKwokctl, START_TIMEOUT } from "./commands.ts";
import { explainFailure, findMissing, findRunning, listLinks } from "./components.ts";
import { createConfiguration } from "./configuration.ts";
import type { ClusterOptions, Layout } from "./layout.ts";

/** A controller that starts before the API server serves sometimes exits. It is started again at most this often. */
const MAX_RESTARTS = 3;

/** Creates a cluster, and returns when its nodes are ready. */
export async function createCluster(layout: Layout, options: ClusterOptions): Promise<void> {
  await mkdir(layout.workDirectory, { recursive: true });
  const configuration = await createConfiguration(options.tools, options.emulatedVersion);
  await writeFile(layout.configuration, JSON.stringify(configuration, null, 2));
  await runKwokctl(layout, options, "create", "cluster", "--kubeconfig", layout.kubeconfig);
  await waitUntilServing(layout, options);
  await runKwokctl(layout, options, "scale", "node", "--replicas", String(options.nodes ?? 3));
  await runKubectl(layout, options, "wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s");
  await writeFile(layout.createdMarker, "");
}

/** Starts the components of an existing cluster that do not run, on the data that they left. */
export async function resumeCluster(layout: Layout, options: ClusterOptions): Promise<void> {
  if ((await isServing(layout, options)) && findMissing(layout.directory).length === 0) return;
  await startMissing(layout, options);
  await waitUntilServing(layout, options);
}

/** Deletes the files of an interrupted creation. */
export async function removeData(layout: Layout): Promise<void> {
  for (const path of [layout.workDirectory, layout.kubeconfig, layout.configuration]) {
    await rm(path, { recursive: true, force: true });
  }
}

/** kwokctl starts each component whose pid file is missing, so the files that name other processes are removed. */
async function startMissing(layout: Layout, options: ClusterOptions): Promise<void> {
  const pids = join(layout.clusterDirectory, "pids");
  const running = new Set(findRunning(layout.directory).map(({ pid }) => pid));
  for (const file of existsSync(pids) ? await readdir(pids) : []) {
    if (!running.has(Number(readFileSync(join(pids, file), "utf8")))) await rm(join(pids, file));
  }
  await linkBinaries(layout, options.tools);
  await runKwokctl(layout, options, "start", "cluster");
}

/** kwokctl runs links to the binaries, which may have moved in the cache since the cluster was created. */
async function linkBinaries(layout: Layout, { paths }: Tools): Promise<void> {
  for (const { link, tool } of listLinks(layout)) {
    await rm(link, { force: true });
    await symlink(paths[tool], link);
  }
}

async function waitUntilServing(layout: Layout, options: ClusterOptions): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT;
  for (let restarts = 0; ; await sleep(200)) {
    const incomplete = findMissing(layout.directory).length > 0;
    if (!incomplete && (await isServing(layout, options))) return;
    if (Date.now() > deadline || restarts === MAX_RESTARTS)
      throw new Error(`sandbox: ${explainFailure(layout)}`);
    if (!incomplete) continue;
    await startMissing(layout, options);
    restarts++;
  }
}
