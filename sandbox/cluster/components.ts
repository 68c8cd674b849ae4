/** The processes of a control plane: which of them run, and why one does not. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { end, findProcesses } from "../processes.ts";
import type { Layout } from "./layout.ts";

const COMPONENTS = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok-controller",
] as const;

/** Lists the components that run. */
export function findRunning(directory: string) {
  return findProcesses(directory, COMPONENTS);
}

/** Lists the components that do not run. */
export function findMissing(directory: string): string[] {
  const running = findRunning(directory);
  return COMPONENTS.filter((name) => !running.some((one) => one.name === name));
}

/** Whether one of the components was started, which its pid file shows, and does not run any more. */
export function hasLost({ directory, clusterDirectory }: Layout, names: readonly string[]): boolean {
  const missing = findMissing(directory);
  return names.some(
    (name) => existsSync(join(clusterDirectory, "pids", `${name}.pid`)) && missing.includes(name),
  );
}

/** Ends all components, and returns the names of those that ran. */
export async function endComponents(directory: string): Promise<string[]> {
  // A kwokctl that a killed run left behind would start the components again.
  await end(findProcesses(directory, ["kwokctl"]));
  const running = findRunning(directory);
  // The API server needs etcd to shut down in order.
  await end(running.filter(({ name }) => name !== "etcd"));
  await end(running.filter(({ name }) => name === "etcd"));
  return running.map(({ name }) => name);
}

/** The path of the binary that kwokctl starts for a component, in its own directory, and the tool it links to. */
export function listLinks({ clusterDirectory }: Layout) {
  return COMPONENTS.map((name) => ({
    link: join(clusterDirectory, "bin", name),
    tool: name === "kwok-controller" ? ("kwok" as const) : name,
  }));
}

/** Explains why the control plane does not serve, with the last lines of the logs. */
export function explainFailure(layout: Layout): string {
  const missing = findMissing(layout.directory);
  const shown = missing.length > 0 ? missing : ["kube-apiserver"];
  const logs = shown.map((name) => {
    const log = join(layout.clusterDirectory, "logs", `${name}.log`);
    const lines = existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").slice(-8) : ["(no log)"];
    return `Last lines of ${log}:\n${lines.join("\n")}`;
  });
  const state = missing.length > 0 ? "ended" : "does not answer";
  return [
    `the Kubernetes control plane does not start: ${shown.join(", ")} ${state}.`,
    "Fix: npm run sandbox -- delete && npm run sandbox",
    ...logs,
  ].join("\n");
}
