import { execFileSync, spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import {
  type Cluster,
  type ClusterOptions,
  deleteCluster,
  serviceAddresses,
  startCluster,
  stopCluster,
} from "../../../sandbox/cluster.ts";
import { findProcesses } from "../../../sandbox/processes.ts";
import { obtainTools, terminalProgress } from "../../../sandbox/tools/index.ts";

const components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"];
const directory = realpathSync(mkdtempSync(join(tmpdir(), "cluster-")));
let options: ClusterOptions;
let cluster: Cluster;

beforeAll(async () => {
  options = { name: "cluster-test", directory, tools: await obtainTools(terminalProgress()) };
  cluster = await startCluster(options);
});

afterAll(async () => {
  await deleteCluster(directory);
});

function kubectl(...args: string[]): string {
  const path = options.tools.paths.kubectl;
  return execFileSync(path, ["--kubeconfig", cluster.kubeconfig, ...args], { encoding: "utf8" }).trim();
}

function running(at = directory): string[] {
  return findProcesses(at, components)
    .map(({ name }) => name)
    .sort();
}

/** The pid of one of the cluster's processes. */
function pidOf(name: string): number {
  const found = findProcesses(directory, [name])[0];
  if (!found) throw new Error(`${name} does not run`);
  return found.pid;
}

test("it serves Kubernetes 1.36 with three ready nodes and the API of mutating admission policies", () => {
  expect(running()).toEqual(components);
  expect(kubectl("version")).toMatch(/Server Version: v1\.36\./);
  expect(
    kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"),
  ).toBe("True True True");
  expect(kubectl("api-resources", "--api-group=admissionregistration.k8s.io", "-o", "name")).toContain(
    "mutatingadmissionpolicies.",
  );
});

test("a Service's address is one of this machine's loopback", () => {
  expect(serviceAddresses).toBe("127.96.0.0/16");
  expect(kubectl("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")).toBe("127.96.0.1");
});

test("a pod runs, on a node that kwok plays", () => {
  kubectl("create", "deployment", "web", "--image=example.invalid/web", "--replicas=2");
  kubectl("rollout", "status", "deployment/web", "--timeout=60s");
});

test("every one of its processes listens on loopback only, and has connections to loopback only", () => {
  const pids = findProcesses(directory, components).map(({ pid }) => pid);
  const sockets = pids.flatMap(socketsOf);
  expect(sockets.filter(({ listening }) => listening).length).toBeGreaterThanOrEqual(6);
  expect(sockets.filter(({ local, remote }) => !isLoopback(local) || !isLoopback(remote))).toEqual([]);
});

test("starting it when it is up takes less than two seconds and leaves its processes alone", async () => {
  const before = findProcesses(directory, components).map(({ pid }) => pid);
  const started = Date.now();
  await startCluster(options);
  expect(Date.now() - started).toBeLessThan(2_000);
  expect(findProcesses(directory, components).map(({ pid }) => pid)).toEqual(before);
});

test.each([{ names: ["kube-apiserver"] }, { names: ["etcd"] }, { names: components }])(
  "after kill -9 of $names it is brought up again with its data",
  async ({ names }) => {
    kubectl("create", "configmap", `kept-${names[0]}-${names.length}`);
    for (const name of names) process.kill(pidOf(name), "SIGKILL");
    await vi.waitUntil(() => names.every((name) => !running().includes(name)));
    await startCluster(options);
    expect(running()).toEqual(components);
    expect(kubectl("get", "configmap", `kept-${names[0]}-${names.length}`, "-o", "name")).toContain("kept");
  },
);

test("a pid file that names another's process is not believed: that process lives on", async () => {
  await stopCluster(directory);
  const pids = join(directory, "kwok", "clusters", "cluster-test", "pids");
  mkdirSync(pids, { recursive: true });
  for (const name of components) writeFileSync(join(pids, `${name}.pid`), String(process.pid));
  await startCluster(options);
  expect(running()).toEqual(components);
});

test("a cluster that was half made when its maker was killed is made anew, and clusters side by side do not meet", async () => {
  const other = realpathSync(mkdtempSync(join(tmpdir(), "half-made-")));
  onTestFinished(async () => void (await deleteCluster(other)));
  const half = { ...options, name: "half", directory: other, nodes: 1 };
  const code = `import { startCluster } from ${JSON.stringify(join(import.meta.dirname, "../../../sandbox/cluster.ts"))};
    await startCluster(${JSON.stringify(half)});`;
  const maker = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
    stdio: "ignore",
  });
  await vi.waitUntil(() => running(other).includes("etcd"), { timeout: 30_000 });
  maker.kill("SIGKILL");
  await startCluster(half);
  expect(running(other)).toEqual(components);
  expect(running()).toEqual(components);
  await deleteCluster(other);
  expect(running(other)).toEqual([]);
  expect(running()).toEqual(components);
});

test("a control plane that cannot come up says which part, and shows the end of its log", async () => {
  const other = realpathSync(mkdtempSync(join(tmpdir(), "broken-")));
  onTestFinished(async () => void (await deleteCluster(other)));
  const etcd = join(other, "etcd");
  writeFileSync(
    etcd,
    `#!/bin/sh\n[ "$1" = --version ] && exec ${options.tools.paths.etcd} --version\necho no disk; exit 1\n`,
    { mode: 0o755 },
  );
  const tools = { ...options.tools, paths: { ...options.tools.paths, etcd } };
  const failure = startCluster({ ...options, name: "broken", directory: other, tools });
  await expect(failure).rejects.toThrow(/control plane does not start: .*etcd.* ended[\s\S]*no disk/);
});

test("stopping it leaves no process and no port behind, says so, and can be done twice", async () => {
  const stopped = await stopCluster(directory);
  expect([...stopped.processes].sort()).toEqual(components);
  expect(stopped.ports).toHaveLength(6);
  expect(running()).toEqual([]);
  const listening = readFileSync("/proc/net/tcp", "utf8");
  for (const port of stopped.ports) expect(listening).not.toContain(`0100007F:${hex(port)} 00000000:0000 0A`);
  expect((await stopCluster(directory)).processes).toEqual([]);
});

interface Socket {
  readonly local: string;
  readonly remote: string;
  readonly listening: boolean;
}

/** The TCP sockets of a process, from /proc: addresses are hexadecimal there. */
function socketsOf(pid: number): Socket[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ["tcp", "tcp6"].flatMap((family) =>
    readFileSync(`/proc/net/${family}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.has(fields[9] ?? ""))
      .map(([, local = "", remote = "", state]) => ({ local, remote, listening: state === "0A" })),
  );
}

/** 127.0.0.0/8, ::1, IPv4 mapped into IPv6, or the nothing that a listening socket is connected to. */
function isLoopback(address: string): boolean {
  const [host = "", port] = address.split(":");
  if (/^0+$/.test(host)) return port === "0000";
  const lastGroup = host.slice(-8);
  return lastGroup.endsWith("7F") || host === "00000000000000000000000001000000";
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
