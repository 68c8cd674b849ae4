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
import { createProgress, obtainTools } from "../../../sandbox/tools/index.ts";

const components = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller"];
const directory = realpathSync(mkdtempSync(join(tmpdir(), "cluster-")));
let options: ClusterOptions;
let cluster: Cluster;

beforeAll(async () => {
  options = { name: "cluster-test", directory, tools: await obtainTools(createProgress()) };
  cluster = await startCluster(options);
});

afterAll(async () => {
  await deleteCluster(directory);
});

function kubectl(...args: string[]): string {
  const path = options.tools.paths.kubectl;
  return execFileSync(path, ["--kubeconfig", cluster.kubeconfig, ...args], { encoding: "utf8" }).trim();
}

function listRunning(at = directory): string[] {
  return findProcesses(at, components)
    .map(({ name }) => name)
    .sort();
}

/** Finds the pid of one of the cluster's processes. */
function findPid(name: string): number {
  const found = findProcesses(directory, [name])[0];
  if (!found) throw new Error(`${name} does not run`);
  return found.pid;
}

test("the cluster serves Kubernetes 1.36, with three ready nodes and MutatingAdmissionPolicies", () => {
  expect(listRunning()).toEqual(components);
  expect(kubectl("version")).toMatch(/Server Version: v1\.36\./);
  expect(
    kubectl("get", "nodes", "-o", "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}"),
  ).toBe("True True True");
  expect(kubectl("api-resources", "--api-group=admissionregistration.k8s.io", "-o", "name")).toContain(
    "mutatingadmissionpolicies.",
  );
});

test("the address of a Service is a loopback address of this machine", () => {
  expect(serviceAddresses).toBe("127.96.0.0/16");
  expect(kubectl("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}")).toBe("127.96.0.1");
});

test("a pod runs on a node that kwok simulates", () => {
  kubectl("create", "deployment", "web", "--image=example.invalid/web", "--replicas=2");
  kubectl("rollout", "status", "deployment/web", "--timeout=60s");
});

test("every process of the cluster listens on loopback only, and has connections to loopback only", () => {
  const pids = findProcesses(directory, components).map(({ pid }) => pid);
  const sockets = pids.flatMap(listSockets);
  expect(sockets.filter(({ listening }) => listening).length).toBeGreaterThanOrEqual(6);
  expect(sockets.filter(({ local, remote }) => !isLoopback(local) || !isLoopback(remote))).toEqual([]);
});

test("starting a cluster that serves takes less than two seconds, and its processes stay the same", async () => {
  const before = findProcesses(directory, components).map(({ pid }) => pid);
  const started = Date.now();
  await startCluster(options);
  expect(Date.now() - started).toBeLessThan(2_000);
  expect(findProcesses(directory, components).map(({ pid }) => pid)).toEqual(before);
});

test.each([{ names: ["kube-apiserver"] }, { names: ["etcd"] }, { names: components }])(
  "a cluster serves its data again when it is started after kill -9 of $names",
  async ({ names }) => {
    kubectl("create", "configmap", `kept-${names[0]}-${names.length}`);
    for (const name of names) process.kill(findPid(name), "SIGKILL");
    await vi.waitUntil(() => names.every((name) => !listRunning().includes(name)));
    await startCluster(options);
    expect(listRunning()).toEqual(components);
    expect(kubectl("get", "configmap", `kept-${names[0]}-${names.length}`, "-o", "name")).toContain("kept");
  },
);

test("a pid file with the pid of another process is ignored, and that process is not killed", async () => {
  await stopCluster(directory);
  const pids = join(directory, "kwok", "clusters", "cluster-test", "pids");
  mkdirSync(pids, { recursive: true });
  for (const name of components) writeFileSync(join(pids, `${name}.pid`), String(process.pid));
  await startCluster(options);
  expect(listRunning()).toEqual(components);
});

test("a cluster whose creation was killed is created again, and does not affect a cluster next to it", async () => {
  const other = realpathSync(mkdtempSync(join(tmpdir(), "incomplete-")));
  onTestFinished(async () => void (await deleteCluster(other)));
  const incomplete = { ...options, name: "incomplete", directory: other, nodes: 1 };
  const code = `import { startCluster } from ${JSON.stringify(join(import.meta.dirname, "../../../sandbox/cluster.ts"))};
    await startCluster(${JSON.stringify(incomplete)});`;
  const creator = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
    stdio: "ignore",
  });
  await vi.waitUntil(() => listRunning(other).includes("etcd"), { timeout: 30_000 });
  creator.kill("SIGKILL");
  await startCluster(incomplete);
  expect(listRunning(other)).toEqual(components);
  expect(listRunning()).toEqual(components);
  await deleteCluster(other);
  expect(listRunning(other)).toEqual([]);
  expect(listRunning()).toEqual(components);
});

test("an error about a control plane that does not start names the component and has the end of its log", async () => {
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

test("stopping a cluster ends its processes, frees its ports, reports both, and can be repeated", async () => {
  const stopped = await stopCluster(directory);
  expect([...stopped.processes].sort()).toEqual(components);
  expect(stopped.ports).toHaveLength(6);
  expect(listRunning()).toEqual([]);
  const listening = readFileSync("/proc/net/tcp", "utf8");
  for (const port of stopped.ports)
    expect(listening).not.toContain(`0100007F:${formatPort(port)} 00000000:0000 0A`);
  expect((await stopCluster(directory)).processes).toEqual([]);
});

interface Socket {
  readonly local: string;
  readonly remote: string;
  readonly listening: boolean;
}

/** Lists the TCP sockets of a process from /proc, where addresses are hexadecimal. */
function listSockets(pid: number): Socket[] {
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

/** Whether an address is in 127.0.0.0/8, is ::1, is one of them as IPv4 in IPv6, or is the peer of a listening socket. */
function isLoopback(address: string): boolean {
  const [host = "", port] = address.split(":");
  if (/^0+$/.test(host)) return port === "0000";
  const lastGroup = host.slice(-8);
  return lastGroup.endsWith("7F") || host === "00000000000000000000000001000000";
}

function formatPort(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
