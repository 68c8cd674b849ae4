/** The commands that a cluster is started and examined with. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { explainFailure, hasLost } from "./components.ts";
import type { ClusterOptions, Layout } from "./layout.ts";

const run = promisify(execFile);

/** How long a start may take, in milliseconds. */
export const START_TIMEOUT = 60_000;

export async function runKubectl(layout: Layout, options: ClusterOptions, ...args: string[]): Promise<void> {
  const always = ["--kubeconfig", layout.kubeconfig, "--request-timeout=5s"];
  await run(options.tools.paths.kubectl, [...always, ...args]);
}

/** Whether the API server is ready. */
export async function isServing(layout: Layout, options: ClusterOptions): Promise<boolean> {
  return runKubectl(layout, options, "get", "--raw", "/readyz").then(
    () => true,
    () => false,
  );
}

/**
 * Runs kwokctl, and stops it when etcd or the API server has ended: kwokctl would wait for minutes. Two checks in
 * a row must agree, because a new process may not have its name yet.
 */
export async function runKwokctl(
  layout: Layout,
  options: ClusterOptions,
  ...command: string[]
): Promise<void> {
  const { paths, searchPath } = options.tools;
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("KWOK_"));
  const env = { ...Object.fromEntries(inherited), PATH: searchPath, KWOK_WORKDIR: layout.workDirectory };
  const abort = new AbortController();
  let lostBefore = false;
  const watch = setInterval(() => {
    const lost = hasLost(layout, ["etcd", "kube-apiserver"]);
    if (lostBefore && lost) abort.abort();
    lostBefore = lost;
  }, 500);
  try {
    const limits = { timeout: START_TIMEOUT, signal: abort.signal };
    const always = ["--name", options.name, "--config", layout.configuration];
    await run(paths.kwokctl, [...command, ...always], { env, ...limits });
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim() || String(error);
    throw new Error(
      `sandbox: kwokctl ${command[0]}: ${explainFailure(layout)}\nOutput of kwokctl:\n${output}`,
    );
  } finally {
    clearInterval(watch);
  }
}
