import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { parse, stringify } from "yaml";
import { meshProgram } from "../../../sandbox/engine.ts";
import { attempt, BreakableMesh, type Operation } from "../../support/breakable-mesh.ts";
import { root } from "../../support/package.ts";
import { findEntry, readRunbook, runEntryCommand } from "../../support/runbook.ts";
import { changes } from "../../support/stack.ts";

// Each test runs several engine operations in sequence.
vi.setConfig({ testTimeout: 600_000 });

/** Messages of the runbook that occurred in the tests so far. */
const seen = new Set<string>();

let mesh: BreakableMesh;
let stack: Stack;

beforeAll(async () => {
  mesh = await BreakableMesh.start();
  stack = await mesh.open();
});
afterAll(() => mesh.delete());

/** Asserts that an operation fails with a message of the runbook. Returns the entry's command and the failed release. */
async function expectFailure(message: string, operation: Operation) {
  const { finished, errors, release } = await attempt(operation);
  expect(finished).toBe(false);
  expect(errors).toContain(message);
  const entry = findEntry(errors);
  expect(entry?.messages).toContain(message);
  seen.add(message);
  return { command: entry?.command ?? "", release };
}

/** Asserts that an operation fails with a message of the runbook, and runs the command of its entry. */
async function expectFailureAndRecover(message: string, operation: Operation): Promise<void> {
  const { command, release } = await expectFailure(message, operation);
  await runEntryCommand(mesh, command, release);
}

/** Asserts that an operation succeeds. Returns its warnings. */
async function expectSuccess(operation: Operation): Promise<string> {
  const { errors, warnings } = await attempt(operation);
  expect(errors).toBe("");
  return warnings;
}

/** Asserts that the mesh is complete in the state, in a preview and in Helm. */
async function expectCompleteMesh(): Promise<void> {
  expect(mesh.readState().pending).toEqual([]);
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  expect(await mesh.readReleaseStatuses()).toEqual({
    "linkerd-control-plane": "deployed",
    "linkerd-crds": "deployed",
  });
}

const up: Operation = (options) => stack.up(options);
const destroy: Operation = (options) => stack.destroy(options);

/** Runs an operation and calls `kill` as soon as Helm has this record (`<release> <status>`). */
async function interruptAt(record: string, operation: Operation, kill: () => void): Promise<void> {
  const { finished } = await mesh.attemptWithActionAt(record, operation, kill);
  expect(finished).toBe(false);
  await mesh.stopProviders();
}

/** Reads the log level of proxies from the ConfigMap that the injector reads. */
const readProxyLogLevel = async () =>
  /logLevel: "?(warn[^"\n]*)/.exec(
    await mesh.kubectl("get", "configmap", "linkerd-config", "-n", "linkerd", "-o", "yaml"),
  )?.[1];

describe("recovery of a first up", () => {
  test("a first up takes over the namespace of an unrecorded up, and a foreign Secret only when forced as documented", async () => {
    // The state after an `up` that was killed when it had created the namespace, and recorded nothing but the mesh.
    stack = await mesh.open({}, async () => {
      new pulumi.ComponentResource("linkerd-mesh:index:ServiceMesh", "linkerd");
    });
    await expectSuccess(up);
    stack = await mesh.open();
    const metadata = {
      name: "linkerd",
      labels: { "pod-security.kubernetes.io/enforce": "restricted" },
      annotations: { "linkerd-mesh/stack": "organization/linkerd-mesh/breakable" },
    };
    const file = join(mesh.engine.directory, "namespace.json");
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata }));
    await mesh.kubectl("apply", "--server-side", "--field-manager=pulumi-kubernetes-killed", "-f", file);
    const foreignSecret = [
      "--type=kubernetes.io/tls",
      "--from-literal=tls.crt=their",
      "--from-literal=tls.key=own",
    ];
    await mesh.kubectl(
      "create",
      "secret",
      "generic",
      "linkerd-identity-issuer",
      "-n",
      "linkerd",
      ...foreignSecret,
    );
    const { command } = await expectFailure("Server-Side Apply field conflict detected", up);
    const [, name = "", value = ""] = /^(\w+)=(\w+) pulumi up$/m.exec(command) ?? [];
    stack.workspace.envVars[name] = value;
    await expectSuccess(up);
    delete stack.workspace.envVars[name];
    const enforced = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}";
    expect(await mesh.kubectl("get", "namespace", "linkerd", "-o", enforced)).toBe("privileged");
    await expectCompleteMesh();
  });

  test("an up killed while Helm installs reports the lock, the release name in use and the pending operations", async () => {
    await stack.destroy();
    await interruptAt("linkerd-control-plane pending-install", up, () => mesh.killEngineAndProviders());
    await expectFailureAndRecover("the stack is currently locked by", up);
    await expectFailureAndRecover("cannot re-use a name that is still in use", up);
    const warning = await expectSuccess(up);
    expect(warning).toContain("pending operations from previous deployment");
    seen.add("pending operations from previous deployment");
    await mesh.runCommand(findEntry(warning)?.command ?? "");
    await expectCompleteMesh();
  });
});

describe("recovery of an upgrade", () => {
  test("an upgrade killed while Helm upgrades is completed by the next up", async () => {
    stack = await mesh.open({ proxy: { logLevel: "warn,linkerd=debug" } });
    await interruptAt("linkerd-control-plane pending-upgrade", up, () => mesh.killEngineAndProviders());
    await stack.cancel();
    await expectFailureAndRecover("another operation (install/upgrade/rollback) is in progress", up);
    await expectSuccess(up);
    expect(await readProxyLogLevel()).toBe("warn,linkerd=debug");
    await expectCompleteMesh();
  });

  test("a preview reports an interrupted upgrade that a refresh recorded as complete, and up completes it after the documented commands", async () => {
    stack = await mesh.open({ proxy: { logLevel: "warn,linkerd=trace" } });
    await interruptAt("linkerd-control-plane pending-upgrade", up, () => mesh.killEngineAndProviders());
    await stack.cancel();
    await stack.refresh();
    const warning = await expectSuccess((options) => stack.preview(options));
    expect(warning).toContain("its last operation was interrupted");
    seen.add("its last operation was interrupted");
    await mesh.runCommand(findEntry(warning)?.command ?? "");
    await expectSuccess(up);
    expect(await readProxyLogLevel()).toBe("warn,linkerd=trace");
    await expectCompleteMesh();
  });

  test("an upgrade whose pods do not become ready keeps the running pods and is completed by the next up", async () => {
    const nodes = (await mesh.kubectl("get", "nodes", "-o", "name")).trim().split("\n");
    await mesh.kubectl("cordon", ...nodes);
    const listRunningPods = () =>
      mesh.kubectl("get", "pods", "-n", "linkerd", "--field-selector=status.phase=Running", "-o", "name");
    const podsBefore = await listRunningPods();
    const programWithShortTimeout = () => {
      pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
        type === "kubernetes:helm.sh/v3:Release" ? { props: { ...props, timeout: 5 }, opts } : undefined,
      );
      return meshProgram();
    };
    stack = await mesh.open({ proxy: { logLevel: "warn" } }, programWithShortTimeout);
    await expectFailure("context deadline exceeded", up);
    expect(await listRunningPods()).toBe(podsBefore);
    await mesh.kubectl("uncordon", ...nodes);
    stack = await mesh.open({ proxy: { logLevel: "warn" } });
    await expectSuccess(up);
    expect(await readProxyLogLevel()).toBe("warn");
    await expectCompleteMesh();
  });
});

describe("recovery of an unreachable cluster", () => {
  test("up, destroy and preview --refresh report an unreachable cluster and keep the state, and up succeeds once it is back", async () => {
    const urnsBefore = mesh.readState().resources.map(({ urn }) => urn);
    mesh.killApiServer();
    stack = await mesh.open({ proxy: { logLevel: "error" } });
    await expectFailure("unreachable cluster", up);
    const { warnings } = await attempt((options) => stack.preview({ ...options, refresh: true }));
    for (const message of ["cluster is unreachable", "connection refused"]) {
      expect(warnings).toContain(message);
      seen.add(message);
    }
    await expectFailure("cluster is unreachable", destroy);
    const urnsAfter = mesh.readState().resources.map(({ urn }) => urn);
    expect(urnsAfter.sort()).toEqual(urnsBefore.sort());
    await mesh.restartApiServer();
    await expectSuccess(up);
    await expectCompleteMesh();
  });

  test("up reports a user without credentials and keeps the state, and succeeds once the user has some", async () => {
    const complete = readFileSync(mesh.engine.kubeconfig, "utf8");
    const { users, ...rest } = parse(complete) as { users: { name: string }[] };
    const withoutCredentials = { ...rest, users: users.map(({ name }) => ({ name, user: {} })) };
    writeFileSync(mesh.engine.kubeconfig, stringify(withoutCredentials));
    await expectFailure("must select a user with credentials", up);
    writeFileSync(mesh.engine.kubeconfig, complete);
    await expectSuccess(up);
    await expectCompleteMesh();
  });
});

test("a stack in a file backend opens again, after the documented command, when its metadata file is empty", async () => {
  const backend = join(mesh.engine.directory, "state");
  const metadata = join(backend, ".pulumi/stacks/linkerd-mesh/breakable.json.attrs");
  expect(existsSync(metadata)).toBe(false);
  writeFileSync(metadata, "");
  const { command } = await expectFailure("failed to load checkpoint: EOF", (options) =>
    stack.preview(options),
  );
  await mesh.runCommand(command, backend);
  await expectCompleteMesh();
});

describe("recovery of a destroy", () => {
  test("an up restores the mesh after a destroy that was killed while Helm uninstalls", async () => {
    await interruptAt("linkerd-control-plane uninstalling", destroy, () => mesh.killEngineAndProviders());
    await stack.cancel();
    stack = await mesh.open({ proxy: { logLevel: "info" } });
    await expectFailureAndRecover("has no deployed releases", up);
    await expectSuccess(up);
    await expectCompleteMesh();
  });

  test("a destroy whose engine was killed, but not its provider, completes once the state is refreshed", async () => {
    await interruptAt("linkerd-control-plane uninstalling", destroy, () => mesh.killEngine());
    await stack.cancel();
    await expectFailureAndRecover("release: not found", destroy);
    await expectSuccess(destroy);
    expect(mesh.readState()).toEqual({ resources: [], pending: [] });
    expect(await mesh.kubectl("get", "namespaces", "-o", "name")).not.toContain("linkerd");
  });
});

describe("the recovery runbook", () => {
  test("docs/recovery.md has a heading for each message that occurred in these tests, and no other", () => {
    expect(
      readRunbook()
        .flatMap(({ messages }) => messages)
        .sort(),
    ).toEqual([...seen].sort());
  });

  test("the README links to docs/recovery.md", () => {
    expect(readFileSync(join(root, "README.md"), "utf8")).toContain("docs/recovery.md");
  });
});
