import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { V1Deployment } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { read, run } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { root } from "../../support/package.ts";
import { changes, openMesh } from "../../support/stack.ts";

/** The commands of docs/recovery.md that find and repair a difference between a release and its objects. */
function readCommands(): [find: string, repair: string] {
  const section =
    readFileSync(join(root, "docs/recovery.md"), "utf8").split("## Objects differ from")[1] ?? "";
  const [find, repair] = [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, command = ""]) => command);
  if (find === undefined || repair === undefined)
    throw new Error("docs/recovery.md has no commands for drift");
  return [find, repair];
}

/** Runs a shell command against the cluster. Returns its exit status and its output. */
function runShell(command: string): Promise<{ status: number; output: string }> {
  const env = { ...process.env, KUBECONFIG: testEngine().kubeconfig, PATH: inject("tools").searchPath };
  return new Promise((resolve) => {
    execFile("sh", ["-c", command], { env }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
    });
  });
}

const readInjector = () => read<V1Deployment>("apps/v1", "Deployment", "linkerd-proxy-injector", "linkerd");
const [find, repair] = readCommands();
let stack: Stack;

beforeAll(async () => {
  stack = await openMesh("drift", { clusterNetworks: ["127.0.0.0/8"], viz: false });
  await stack.up();
});

afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack("drift");
});

test("the command that finds drift prints nothing for a mesh that nobody changed", async () => {
  expect(await runShell(find)).toEqual({ status: 0, output: "" });
});

test("an injector that was scaled to 0 is not found by previews, but by the documented command", async () => {
  await run("kubectl", "scale", "deployment/linkerd-proxy-injector", "-n", "linkerd", "--replicas=0");
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  expect(changes((await stack.preview({ refresh: true })).changeSummary)).toEqual({});
  const { status, output } = await runShell(find);
  expect(status).toBe(1);
  expect(output).toMatch(/^-\s+replicas: 0$/m);
  expect(output).toMatch(/^\+\s+replicas: 1$/m);
  expect(
    [...output.matchAll(/^diff .*\.(\w+)\.linkerd\.([\w-]+)$/gm)].map(([, kind, name]) => `${kind}/${name}`),
  ).toEqual(["Deployment/linkerd-proxy-injector"]);
});

test("the documented command restores the injector, and Pulumi shows no change afterwards", async () => {
  expect(await runShell(repair)).toMatchObject({ status: 0 });
  const { spec, status } = await readInjector();
  expect(spec?.replicas).toBe(1);
  expect(status?.readyReplicas).toBe(1);
  expect(await runShell(find)).toEqual({ status: 0, output: "" });
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  expect(changes((await stack.preview({ refresh: true })).changeSummary)).toEqual({});
});
