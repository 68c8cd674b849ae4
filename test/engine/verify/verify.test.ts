import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Deployment, V1Namespace, V1Pod, V1Service } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Check, CheckContext } from "../../../verify/checks/check.ts";
import { findEngines } from "../../../verify/cleanup/engines.ts";
import { verifyMesh } from "../../../verify/verify-mesh.ts";
import { WORKLOAD_NAMES } from "../../../verify/workloads/names.ts";
import { client, inventory, list, read, run } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { root } from "../../support/package.ts";
import { openMesh } from "../../support/stack.ts";

const INJECT = "linkerd.io/inject";
let mesh: Stack;

beforeAll(async () => {
  mesh = await openMesh("verified", { clusterNetworks: ["127.0.0.0/8"], viz: false });
  await mesh.up();
  process.env.KUBECONFIG = testEngine().kubeconfig;
});

afterAll(async () => {
  await run("kubectl", "delete", "node", "runs-containers", "--ignore-not-found");
  await mesh.destroy();
});

/** Starts a program that imports this project. It has the sandbox's cluster and tools. */
function start(args: readonly string[]) {
  const env = { ...process.env, KUBECONFIG: testEngine().kubeconfig, PATH: inject("tools").searchPath };
  return spawn(process.execPath, args, { cwd: root, env });
}

const runNamespaces = async () =>
  (await list<V1Namespace>("v1", "Namespace"))
    .map(({ metadata }) => metadata?.name ?? "")
    .filter((name) => name.startsWith("linkerd-mesh-verify-"));

const runDirectories = () => readdirSync(tmpdir()).filter((name) => name.startsWith("linkerd-mesh-verify-"));

test("where pods are simulated, the command stops with one sentence, and creates nothing", async () => {
  const before = await inventory();
  const command = start([join(root, "verify/main.ts")]);
  const [stdout, stderr, [status]] = await Promise.all([
    text(command.stdout),
    text(command.stderr),
    once(command, "exit"),
  ]);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toBe(
    "cluster: must have a ready Linux node that runs containers, got 3 simulated nodes, on which no container starts.\n",
  );
  expect(await inventory()).toEqual(before);
  expect(runDirectories()).toEqual([]);
});

/** Adds a node that is not simulated. It takes no pods, so that kwok starts them all. */
async function addNode(): Promise<void> {
  const metadata = { name: "runs-containers", labels: { "kubernetes.io/os": "linux" } };
  await client().create({
    apiVersion: "v1",
    kind: "Node",
    metadata,
    spec: { unschedulable: true, taints: [{ key: "test", effect: "NoSchedule" }] },
  } as never);
  const status = {
    conditions: [{ type: "Ready", status: "True" }],
    nodeInfo: { kubeletVersion: "v1.36.0" },
  };
  const patch = JSON.stringify({ status });
  await run("kubectl", "patch", "node", metadata.name, "--subresource=status", "--type=merge", "-p", patch);
}

test("a run creates objects in its namespace only, waits for them, and deletes them", async () => {
  await addNode();
  const before = await inventory();
  let seen: { namespace: string; inside: string[]; outside: string[]; pods: V1Pod[] } | undefined;
  const observe = async ({ namespace, cluster }: CheckContext) => {
    // The API server records the address of each Service in an IPAddress.
    const created = (await inventory()).filter(
      (object) => !before.includes(object) && !object.startsWith("IPAddress/"),
    );
    const inside = created.filter((object) => object.includes(`/${namespace}`));
    const pods = await cluster.pods("label-only");
    const outside = created.filter((object) => !inside.includes(object));
    seen = { namespace, inside, outside, pods };
    const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "echo", namespace);
    expect(spec?.template.metadata?.annotations?.[INJECT]).toBe("enabled");
    expect((await cluster.pods("echo")).length).toBe(2);
    const { metadata } = await read<V1Service>("v1", "Service", "flaky", namespace);
    expect(metadata.annotations).toMatchObject({
      "retry.linkerd.io/limit": "2",
      "retry.linkerd.io/http": "5xx",
      "timeout.linkerd.io/request": "2s",
    });
    await cluster.restart("echo", AbortSignal.timeout(60_000));
    return { observed: ["everything exists"], problems: [] };
  };
  const check: Check = { name: "injection", title: "Objects exist", workloads: WORKLOAD_NAMES, run: observe };
  const lines: string[] = [];
  const report = await verifyMesh({ onProgress: (line) => void lines.push(line) }, [[check]]);
  expect(report.results).toMatchObject([{ status: "passed", problems: [] }]);
  expect(report).toMatchObject({ passed: 1, failed: 0, kept: false, cleanupError: null });
  expect(report.mesh.namespace).toBe("linkerd");
  expect(seen?.outside).toEqual([]);
  expect(seen?.inside).toContain(`Server/${seen?.namespace}/guarded-http`);
  expect(seen?.inside).toContain(`CronJob/${seen?.namespace}/cron-job`);
  // The namespace does not inject: the policy of the mesh copied the label.
  expect(seen?.pods[0]?.metadata?.annotations?.[INJECT]).toBe("enabled");
  expect(lines).toContain(`Deploying ${WORKLOAD_NAMES.length} workloads to namespace ${seen?.namespace}`);
  expect(await inventory()).toEqual(before);
  expect(runDirectories()).toEqual([]);
});

/** A program that runs a check without an end. It prints its progress. */
const ENDLESS = `
  const { verifyMesh } = await import("./verify/verify-mesh.ts");
  const check = { name: "mtls", title: "Endless", workloads: ["client", "echo"], run: () => new Promise(() => {}) };
  await verifyMesh({ onProgress: (line) => console.log(line) }, [[check]]);
`;

test.each([
  ["Deploying", 300],
  ["Deploying", 2500],
  ["Deploying", 5000],
  ["Waiting", 100],
  ["Running", 1000],
])(
  "a run that is killed after the step %s and %i ms leaves no object, no process and no directory",
  async (step, ms) => {
    const program = start(["--input-type=module", "-e", ENDLESS]);
    let output = "";
    for await (const piece of program.stdout) {
      output += piece;
      if (output.includes(step)) break;
    }
    const namespace = /to namespace (\S+)/.exec(output)?.[1] ?? "";
    expect(namespace).toMatch(/^linkerd-mesh-verify-[0-9a-f]{6}$/);
    await sleep(ms);
    program.kill("SIGKILL");
    const directory = () => runDirectories().filter((name) => name.startsWith(namespace));
    for (let left = 600; left > 0 && directory().length > 0; left--) await sleep(100);
    expect(directory()).toEqual([]);
    expect(findEngines(join(tmpdir(), namespace))).toEqual([]);
    // Long enough for a request that is on its way.
    await sleep(2000);
    expect(await runNamespaces()).toEqual([]);
  },
);
