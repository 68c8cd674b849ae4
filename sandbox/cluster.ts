/**
 * A Kubernetes control plane as plain processes (etcd, API server, controller manager, scheduler), with kwok
 * playing the nodes. kwokctl lays it out and starts it; what runs and what is whole is decided here, because
 * kwokctl trusts pid files, which a crash or a reboot turns into lies.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { becomesFree, configure, portsIn } from "./cluster-configuration.ts";
import { end, type Process, processesOf } from "./processes.ts";
import type { Tools } from "./tools/index.ts";
import { withLock } from "./tools/lock.ts";

export { serviceAddresses } from "./cluster-configuration.ts";

export interface ClusterOptions {
  /** Its name, and that of its context in the kubeconfig. */
  readonly name: string;
  /** Everything it keeps lies in here. Clusters in different directories do not meet. */
  readonly directory: string;
  readonly tools: Tools;
  /** How many nodes kwok plays. @default 3 */
  readonly nodes?: number;
  /** An older Kubernetes that its API server behaves as, e.g. `1.35`. @default its own version */
  readonly emulatedVersion?: string;
}

export interface Cluster {
  readonly name: string;
  readonly directory: string;
  readonly kubeconfig: string;
}

/** What was ended, and the ports that are free again. */
export interface Stopped {
  readonly processes: readonly string[];
  readonly ports: readonly number[];
}

const controllers = ["kube-controller-manager", "kube-scheduler", "kwok-controller"] as const;
const components = ["etcd", "kube-apiserver", ...controllers] as const;

const upWithin = 60_000;
const run = promisify(execFile);

/**
 * Starts a cluster and returns when it serves and its nodes are ready: quickly if it already does, with its
 * dead processes started again on the data they left if it was made before, or made anew.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const layout = layOut(options.directory, options.name);
  const cluster = { name: options.name, directory: layout.directory, kubeconfig: layout.kubeconfig };
  return withLock(layout.lock, async () => {
    if (existsSync(layout.made)) {
      await bringUp(layout, options);
    } else {
      // Nothing of a making that was broken off is trusted.
      await endProcesses(layout.directory);
      await removeData(layout);
      await make(layout, options);
    }
    return cluster;
  });
}

/** Ends the cluster's processes, keeping its data, and sees to it that none is left and its ports are free. */
export async function stopCluster(directory: string): Promise<Stopped> {
  const { directory: path, lock, configuration } = layOut(directory);
  if (!existsSync(path)) return { processes: [], ports: [] };
  return withLock(lock, async () => {
    const processes = await endProcesses(path);
    const ports = existsSync(configuration) ? portsIn(configuration) : [];
    for (const port of ports) {
      if (!(await becomesFree(port))) {
        throw new Error(
          `sandbox: port ${port} is still in use, though none of the cluster's processes is left. ` +
            `See who has it with: ss -ltnp 'sport = :${port}'`,
        );
      }
    }
    return { processes, ports };
  });
}

/** Stops the cluster and removes all it kept. */
export async function deleteCluster(directory: string): Promise<Stopped> {
  const stopped = await stopCluster(directory);
  await rm(resolve(directory), { recursive: true, force: true });
  return stopped;
}

interface Layout {
  readonly directory: string;
  readonly lock: string;
  /** kwokctl's own directory, and in it that of the one cluster. */
  readonly workDirectory: string;
  readonly clusterDirectory: string;
  readonly kubeconfig: string;
  readonly configuration: string;
  /** Exists once the cluster has been up: before that it is half made. */
  readonly made: string;
}

function layOut(directory: string, name = ""): Layout {
  const path = resolve(directory);
  return {
    directory: path,
    lock: join(path, "cluster"),
    workDirectory: join(path, "kwok"),
    clusterDirectory: join(path, "kwok", "clusters", name),
    kubeconfig: join(path, "kubeconfig"),
    configuration: join(path, "kwokctl.json"),
    made: join(path, "made"),
  };
}

function ours(directory: string): Process[] {
  return processesOf(directory, components);
}

function missing(directory: string): string[] {
  const alive = ours(directory);
  return components.filter((name) => !alive.some((one) => one.name === name));
}

async function endProcesses(directory: string): Promise<string[]> {
  // Left over from a run that was killed, it would go on starting what is ended here.
  await end(processesOf(directory, ["kwokctl"]));
  const found = ours(directory);
  // The API server cannot end in good order without etcd.
  await end(found.filter(({ name }) => name !== "etcd"));
  await end(found.filter(({ name }) => name === "etcd"));
  return found.map(({ name }) => name);
}

async function removeData(layout: Layout): Promise<void> {
  for (const path of [layout.workDirectory, layout.kubeconfig, layout.configuration]) {
    await rm(path, { recursive: true, force: true });
  }
}

async function make(layout: Layout, options: ClusterOptions): Promise<void> {
  await mkdir(layout.workDirectory, { recursive: true });
  const configuration = await configure(options.tools, options.emulatedVersion);
  await writeFile(layout.configuration, JSON.stringify(configuration, null, 2));
  await kwokctl(layout, options, "create", "cluster", "--kubeconfig", layout.kubeconfig);
  await untilServing(layout, options);
  await kwokctl(layout, options, "scale", "node", "--replicas", String(options.nodes ?? 3));
  await kubectl(layout, options, "wait", "--for=condition=Ready", "nodes", "--all", "--timeout=60s");
  await writeFile(layout.made, "");
}

async function bringUp(layout: Layout, options: ClusterOptions): Promise<void> {
  if ((await serves(layout, options)) && missing(layout.directory).length === 0) return;
  await startMissing(layout, options);
  await untilServing(layout, options);
}

/** Starts what does not run. kwokctl does, once no pid file points at a process that is gone or another's. */
async function startMissing(layout: Layout, options: ClusterOptions): Promise<void> {
  const pids = join(layout.clusterDirectory, "pids");
  const alive = new Set(ours(layout.directory).map(({ pid }) => pid));
  for (const file of existsSync(pids) ? await readdir(pids) : []) {
    if (!alive.has(Number(readFileSync(join(pids, file), "utf8")))) await rm(join(pids, file));
  }
  await relink(layout, options.tools);
  await kwokctl(layout, options, "start", "cluster");
}

/** kwokctl runs links to the binaries; since they were made, the cache may have been emptied or renewed. */
async function relink({ clusterDirectory }: Layout, { paths }: Tools): Promise<void> {
  for (const name of components) {
    const link = join(clusterDirectory, "bin", name);
    await rm(link, { force: true });
    await symlink(paths[name === "kwok-controller" ? "kwok" : name], link);
  }
}

async function untilServing(layout: Layout, options: ClusterOptions): Promise<void> {
  const deadline = Date.now() + upWithin;
  for (let restarts = 0; ; await sleep(200)) {
    const dead = missing(layout.directory).length > 0;
    if (!dead && (await serves(layout, options))) return;
    if (Date.now() > deadline || restarts === 3) throw new Error(`sandbox: ${await whyNotUp(layout)}`);
    // A controller that starts before the API server answers gives up now and then; it gets three chances.
    if (dead) await startMissing(layout, options);
    if (dead) restarts++;
  }
}

async function whyNotUp(layout: Layout): Promise<string> {
  const dead = missing(layout.directory);
  const shown = dead.length > 0 ? dead : ["kube-apiserver"];
  const ends = shown.map((name) => {
    const log = join(layout.clusterDirectory, "logs", `${name}.log`);
    const lines = existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").slice(-8) : ["(no log)"];
    return `The end of ${log}:\n${lines.join("\n")}`;
  });
  return [
    `the Kubernetes control plane does not come up: ${shown.join(", ")} ${dead.length > 0 ? "ended" : "does not answer"}.`,
    `Start it afresh by removing ${layout.directory} after stopping the sandbox.`,
    ...ends,
  ].join("\n");
}

async function serves(layout: Layout, options: ClusterOptions): Promise<boolean> {
  const answer = kubectl(layout, options, "get", "--raw", "/readyz");
  return answer.then(() => true).catch(() => false);
}

async function kubectl(layout: Layout, options: ClusterOptions, ...args: string[]): Promise<void> {
  await run(options.tools.paths.kubectl, [
    "--kubeconfig",
    layout.kubeconfig,
    "--request-timeout=5s",
    ...args,
  ]);
}

async function kwokctl(layout: Layout, options: ClusterOptions, ...command: string[]): Promise<void> {
  const { paths, searchPath } = options.tools;
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("KWOK_"));
  const env = { ...Object.fromEntries(inherited), PATH: searchPath, KWOK_WORKDIR: layout.workDirectory };
  // kwokctl would wait minutes for an API server that has ended: missed twice, as a new one may lack its name yet.
  const abort = new AbortController();
  let missed = false;
  const watch = setInterval(() => {
    const lost = hasLost(layout, ["etcd", "kube-apiserver"]);
    if (missed && lost) abort.abort();
    missed = lost;
  }, 500);
  try {
    const limits = { timeout: upWithin, signal: abort.signal };
    const always = ["--name", options.name, "--config", layout.configuration];
    await run(paths.kwokctl, [...command, ...always], { env, ...limits });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() || String(error);
    throw new Error(`sandbox: kwokctl ${command[0]}: ${await whyNotUp(layout)}\nkwokctl said:\n${said}`);
  } finally {
    clearInterval(watch);
  }
}

/** Whether one of them was started, as its pid file tells, and is no more. */
function hasLost({ directory, clusterDirectory }: Layout, names: readonly string[]): boolean {
  const dead = missing(directory);
  return names.some(
    (name) => existsSync(join(clusterDirectory, "pids", `${name}.pid`)) && dead.includes(name),
  );
}
