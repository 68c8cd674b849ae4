import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { meshProgram } from "../../../sandbox/engine.ts";
import { root } from "../../support/package.ts";
import { attempt, Breakable, entryFor, type Operation, runbook } from "../../support/recovery.ts";
import { changes } from "../../support/stack.ts";

// Each test is several operations of the engine, one after another.
vi.setConfig({ testTimeout: 600_000 });

/** Messages of the runbook that were seen. */
const seen = new Set<string>();

let broken: Breakable;
let stack: Stack;

beforeAll(async () => {
  broken = await Breakable.start();
  stack = await broken.open();
});
afterAll(() => broken.delete());

/** Runs what is to fail with a message of the runbook. */
async function failsWith(message: string, operation: Operation) {
  const { finished, errors, release } = await attempt(operation);
  expect(finished).toBe(false);
  expect(errors).toContain(message);
  const entry = entryFor(errors);
  expect(entry?.messages).toContain(message);
  seen.add(message);
  return { command: entry?.command ?? "", release };
}

/** Runs what is to fail with a message of the runbook, and does what the runbook says of it. */
async function mends(message: string, operation: Operation): Promise<void> {
  const { command, release } = await failsWith(message, operation);
  await broken.runCommand(release ? command.replaceAll("linkerd-control-plane", release) : command);
}

/** Runs what is to come to its end. */
async function finishes(operation: Operation): Promise<string> {
  const { errors, warnings } = await attempt(operation);
  expect(errors).toBe("");
  return warnings;
}

/** The mesh is up, as the state, the program and Helm see it. */
async function isWhole(): Promise<void> {
  expect(broken.state().pending).toEqual([]);
  expect(changes((await stack.preview()).changeSummary)).toEqual({});
  expect(await broken.releases()).toEqual({
    "linkerd-control-plane": "deployed",
    "linkerd-crds": "deployed",
  });
}

const up: Operation = (options) => stack.up(options);
const destroy: Operation = (options) => stack.destroy(options);

/** Runs an operation and calls `kill` when Helm has come to a status. */
async function brokenOffAt(record: string, operation: Operation, kill: () => void): Promise<void> {
  const { finished } = await broken.attemptAndAt(record, operation, kill);
  expect(finished).toBe(false);
  await broken.endProviders();
}

/** What the proxy injector reads as the proxies' log level. */
const logLevel = async () =>
  /logLevel: "?(warn[^"\n]*)/.exec(
    await broken.kubectl("get", "configmap", "linkerd-config", "-n", "linkerd", "-o", "yaml"),
  )?.[1];

describe("a first up", () => {
  test("takes over a namespace of an up that was never written down, and no Secret of another installation", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "linkerd", labels: {} } };
    namespace.metadata.labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    const file = join(broken.engine.directory, "namespace.json");
    writeFileSync(file, JSON.stringify(namespace));
    await broken.kubectl("apply", "--server-side", "--field-manager=pulumi-kubernetes-killed", "-f", file);
    const theirs = ["--type=kubernetes.io/tls", "--from-literal=tls.crt=their", "--from-literal=tls.key=own"];
    await broken.kubectl(
      "create",
      "secret",
      "generic",
      "linkerd-identity-issuer",
      "-n",
      "linkerd",
      ...theirs,
    );
    const { command } = await failsWith("Server-Side Apply field conflict detected", up);
    const [, name = "", value = ""] = /^(\w+)=(\w+) pulumi up$/m.exec(command) ?? [];
    stack.workspace.envVars[name] = value;
    await finishes(up);
    delete stack.workspace.envVars[name];
    const enforced = "jsonpath={.metadata.labels.pod-security\\.kubernetes\\.io/enforce}";
    expect(await broken.kubectl("get", "namespace", "linkerd", "-o", enforced)).toBe("privileged");
    await isWhole();
  });

  test("killed while Helm installs is told of the lock, of the name and of what is pending", async () => {
    await stack.destroy();
    await brokenOffAt("linkerd-control-plane pending-install", up, () => broken.killAll());
    await mends("the stack is currently locked by", up);
    await mends("cannot re-use a name that is still in use", up);
    const warning = await finishes(up);
    expect(warning).toContain("pending operations from previous deployment");
    seen.add("pending operations from previous deployment");
    await broken.runCommand(entryFor(warning)?.command ?? "");
    await isWhole();
  });
});

describe("an upgrade", () => {
  test("killed while Helm upgrades is done by the next up", async () => {
    stack = await broken.open({ proxy: { logLevel: "warn,linkerd=debug" } });
    await brokenOffAt("linkerd-control-plane pending-upgrade", up, () => broken.killAll());
    await stack.cancel();
    await mends("another operation (install/upgrade/rollback) is in progress", up);
    await finishes(up);
    expect(await logLevel()).toBe("warn,linkerd=debug");
    await isWhole();
  });

  test("that a refresh takes for done is told of, and done once Helm's record is dropped", async () => {
    stack = await broken.open({ proxy: { logLevel: "warn,linkerd=trace" } });
    await brokenOffAt("linkerd-control-plane pending-upgrade", up, () => broken.killAll());
    await stack.cancel();
    await stack.refresh();
    const warning = await finishes((options) => stack.preview(options));
    expect(warning).toContain("its last operation was broken off");
    seen.add("its last operation was broken off");
    await broken.runCommand(entryFor(warning)?.command ?? "");
    await finishes(up);
    expect(await logLevel()).toBe("warn,linkerd=trace");
    await isWhole();
  });

  test("whose pods do not become ready leaves those that run, and is done by the next up", async () => {
    const nodes = (await broken.kubectl("get", "nodes", "-o", "name")).trim().split("\n");
    await broken.kubectl("cordon", ...nodes);
    const running = () =>
      broken.kubectl("get", "pods", "-n", "linkerd", "--field-selector=status.phase=Running", "-o", "name");
    const before = await running();
    const impatient = () => {
      pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
        type === "kubernetes:helm.sh/v3:Release" ? { props: { ...props, timeout: 5 }, opts } : undefined,
      );
      return meshProgram();
    };
    stack = await broken.open({ proxy: { logLevel: "warn" } }, impatient);
    await failsWith("context deadline exceeded", up);
    expect(await running()).toBe(before);
    await broken.kubectl("uncordon", ...nodes);
    stack = await broken.open({ proxy: { logLevel: "warn" } });
    await finishes(up);
    expect(await logLevel()).toBe("warn");
    await isWhole();
  });
});

describe("a cluster that does not answer", () => {
  test("is told of by up and by a preview that looks, loses nothing, and is brought up to date when it is back", async () => {
    const before = broken.state().resources.map(({ urn }) => urn);
    broken.killApiServer();
    stack = await broken.open({ proxy: { logLevel: "error" } });
    await failsWith("unreachable cluster", up);
    const { warnings } = await attempt((options) => stack.preview({ ...options, refresh: true }));
    for (const message of ["cluster is unreachable", "connection refused"]) {
      expect(warnings).toContain(message);
      seen.add(message);
    }
    await failsWith("cluster is unreachable", destroy);
    const after = broken.state().resources.map(({ urn }) => urn);
    expect(after.sort()).toEqual(before.sort());
    await broken.bringBackApiServer();
    await finishes(up);
    await isWhole();
  });
});

test("state in files that was cut off while it was written opens again", async () => {
  const backend = join(broken.engine.directory, "state");
  const metadata = join(backend, ".pulumi/stacks/linkerd-mesh/breakable.json.attrs");
  expect(existsSync(metadata)).toBe(false);
  writeFileSync(metadata, "");
  const { command } = await failsWith("failed to load checkpoint: EOF", (options) => stack.preview(options));
  await broken.runCommand(command, backend);
  await isWhole();
});

describe("a destroy", () => {
  test("killed while Helm uninstalls can be turned round", async () => {
    await brokenOffAt("linkerd-control-plane uninstalling", destroy, () => broken.killAll());
    await stack.cancel();
    stack = await broken.open({ proxy: { logLevel: "info" } });
    await mends("has no deployed releases", up);
    await finishes(up);
    await isWhole();
  });

  test("that lost the engine, and not the provider, goes on once the state knows", async () => {
    await brokenOffAt("linkerd-control-plane uninstalling", destroy, () => broken.killEngine());
    await stack.cancel();
    await mends("release: not found", destroy);
    await finishes(destroy);
    expect(broken.state()).toEqual({ resources: [], pending: [] });
    expect(await broken.kubectl("get", "namespaces", "-o", "name")).not.toContain("linkerd");
  });
});

describe("the runbook", () => {
  test("has a heading for each message seen, and none besides", () => {
    expect(
      runbook()
        .flatMap(({ messages }) => messages)
        .sort(),
    ).toEqual([...seen].sort());
  });

  test("is where the README leads", () => {
    expect(readFileSync(join(root, "README.md"), "utf8")).toContain("docs/recovery.md");
  });
});
