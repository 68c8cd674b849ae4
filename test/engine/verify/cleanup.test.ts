import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { endEngines, findEngines } from "../../../verify/cleanup/engines.ts";
import {
  deleteLeftovers,
  deleteNamespace,
  deletionCommand,
  nameNamespace,
} from "../../../verify/cleanup/run-namespace.ts";
import { openConnection } from "../../../verify/cluster/connection.ts";
import { type NamespaceServer, startNamespaceServer } from "../../support/namespace-server.ts";
import { root } from "../../support/package.ts";

let server: NamespaceServer;
const directory = realpathSync(mkdtempSync(join(tmpdir(), "cleanup-")));
const kubeconfig = join(directory, "kubeconfig");
const before = process.env.KUBECONFIG;

beforeAll(async () => {
  server = await startNamespaceServer();
  writeFileSync(kubeconfig, server.kubeconfig);
  process.env.KUBECONFIG = kubeconfig;
});

beforeEach(() => {
  server.namespaces.clear();
  server.changes.length = 0;
});

afterAll(() => {
  server.close();
  if (before === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = before;
});

/** Creates a namespace as a run creates it. */
function createNamespace(until: Date | undefined, finalizers: string[] = []): string {
  const { name, metadata } = nameNamespace(until);
  server.namespaces.set(name, {
    metadata: { name, ...metadata },
    spec: { finalizers },
    status: {
      conditions: [
        { type: "NamespaceFinalizersRemaining", status: "True", message: "Some content remains." },
      ],
    },
  });
  return name;
}

const later = () => new Date(Date.now() + 60_000);

/** Starts a process that starts the cleaner and waits, as the main process of a run does. */
async function startRun(namespace: string, end: "wait" | "dismiss", keep = false) {
  const state = mkdtempSync(join(directory, "state-"));
  const resources = { namespace, keep, context: undefined, directory: state };
  const program = `
    const { startCleaner } = await import(${JSON.stringify(join(root, "verify/cleanup/start-cleaner.ts"))});
    const dismiss = startCleaner(${JSON.stringify(resources)});
    console.log("started");
    ${end === "wait" ? "setInterval(() => {}, 1000);" : "dismiss();"}
  `;
  const main = spawn(process.execPath, ["--input-type=module", "-e", program]);
  await once(main.stdout, "data");
  return { main, state };
}

async function killed(main: ChildProcess): Promise<void> {
  main.kill("SIGKILL");
  await once(main, "exit");
}

async function isGone(path: string): Promise<boolean> {
  for (let left = 600; existsSync(path) && left > 0; left--) await sleep(100);
  return !existsSync(path);
}

test("when the main process is killed, the cleaner deletes the namespace and the directory", async () => {
  const namespace = createNamespace(later());
  const { main, state } = await startRun(namespace, "wait");
  await sleep(200);
  expect(server.namespaces.has(namespace)).toBe(true);
  await killed(main);
  expect(await isGone(state)).toBe(true);
  expect(server.namespaces.has(namespace)).toBe(false);
});

test("a namespace that is created after the main process was killed is deleted as well", async () => {
  const { name, metadata } = nameNamespace(later());
  const { main, state } = await startRun(name, "wait");
  await killed(main);
  await sleep(1000);
  server.namespaces.set(name, { metadata: { name, ...metadata } });
  expect(await isGone(state)).toBe(true);
  expect(server.namespaces.has(name)).toBe(false);
});

test("when a run that keeps its namespace is killed, the cleaner deletes the directory only", async () => {
  const namespace = createNamespace(undefined);
  const { main, state } = await startRun(namespace, "wait", true);
  await killed(main);
  expect(await isGone(state)).toBe(true);
  expect(server.namespaces.has(namespace)).toBe(true);
});

test("a cleaner that is dismissed deletes nothing", async () => {
  const namespace = createNamespace(later());
  const { main, state } = await startRun(namespace, "dismiss");
  await once(main, "exit");
  await sleep(3000);
  expect(server.namespaces.has(namespace)).toBe(true);
  expect(existsSync(state)).toBe(true);
});

test("a namespace that a finalizer keeps is reported with what Kubernetes waits for", async () => {
  const namespace = createNamespace(later(), ["example.com/never"]);
  await expect(deleteNamespace(openConnection(undefined), namespace, 600)).rejects.toThrow(
    `namespace ${namespace}: must be deleted within 0.6 s, got: Some content remains.`,
  );
});

test("the pods are deleted without their grace period, and the namespace is updated when they are gone", async () => {
  const namespace = createNamespace(later(), ["kubernetes"]);
  server.pods.set(namespace, ["client-1", "echo-1"]);
  const path = `/api/v1/namespaces/${namespace}`;
  await expect(deleteNamespace(openConnection(undefined), namespace, 1_200)).rejects.toThrow();
  expect(server.changes).toEqual([
    `DELETE ${path}`,
    `DELETE ${path}/pods/client-1?gracePeriodSeconds=1`,
    `DELETE ${path}/pods/echo-1?gracePeriodSeconds=1`,
    `PATCH ${path}`,
  ]);
});

test("a run deletes the namespaces of runs that should have ended, and no others", async () => {
  const leftover = createNamespace(new Date(Date.now() - 1000));
  const running = createNamespace(later());
  const kept = createNamespace(undefined);
  server.namespaces.set("shop", { metadata: { name: "shop" } });
  expect(await deleteLeftovers(openConnection(undefined))).toEqual([leftover]);
  expect([...server.namespaces.keys()]).toEqual([running, kept, "shop"]);
});

test("the command that deletes a namespace selects its cluster", () => {
  expect(deletionCommand("verify-1", "prod")).toBe("kubectl delete namespace verify-1 --context prod");
  expect(deletionCommand("verify-1", undefined)).toBe("kubectl delete namespace verify-1");
});

test("only engines of the run are ended: processes of Pulumi with its directory in their environment", async () => {
  // Node under the name of Pulumi's engine.
  const engine = join(mkdtempSync(join(directory, "bin-")), "pulumi");
  copyFileSync(process.execPath, engine);
  const start = (program: string, own: string) =>
    spawn(program, ["-e", "setInterval(() => {}, 1000)"], {
      env: { PULUMI_BACKEND_URL: `file://${own}/state` },
      stdio: "ignore",
    });
  const own = mkdtempSync(join(directory, "own-"));
  const processes = [
    start(engine, own),
    start(engine, join(directory, "other")),
    start(process.execPath, own),
  ];
  const [mine, foreign, other] = processes;
  await Promise.all(processes.map((each) => once(each, "spawn")));
  expect(findEngines(own)).toEqual([mine?.pid]);
  const ended = once(mine as ChildProcess, "exit");
  await endEngines(own);
  expect(await ended).toEqual([null, "SIGTERM"]);
  expect([foreign, other].map((each) => each?.exitCode ?? each?.signalCode)).toEqual([null, null]);
  for (const each of [foreign, other]) each?.kill("SIGKILL");
});
