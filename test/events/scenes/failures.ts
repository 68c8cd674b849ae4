/** Operations that fail: settings, sources of charts, the cluster, the provider, an engine that is killed. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { meshProgram } from "../../../sandbox/engine.ts";
import { findProcesses, signal } from "../../../sandbox/processes.ts";
import { collect, type Recorder } from "../recorder.ts";

const STACK = "prod";
const SETTINGS = { viz: false };

export async function recordFailures(recorder: Recorder): Promise<void> {
  const previewFailure = async (name: string, settings: object) => {
    const stack = await recorder.openMesh(STACK, { ...SETTINGS, ...settings });
    await recorder.recordFailure(name, (options) => stack.preview(options));
  };
  await previewFailure("invalid-settings", {
    highAvailabilty: true,
    proxy: { cpuLimit: "-1" },
    clusterNetworks: ["10.0.0.0/33"],
  });
  const elsewhere = await recorder.openMesh(STACK, {
    ...SETTINGS,
    chartSource: "https://127.0.0.1:2/charts",
  });
  await recorder.record("charts-unreachable", (options) => elsewhere.preview(options));
  await recordUnreachableCluster(recorder);
  await recordInterruption(recorder);
  await recordTimeout(recorder);
}

async function recordUnreachableCluster(recorder: Recorder): Promise<void> {
  const kubeconfig = join(recorder.engine.directory, "unreachable.yaml");
  const text = readFileSync(recorder.engine.kubeconfig, "utf8").replaceAll(
    /server: .*/g,
    "server: https://127.0.0.1:1",
  );
  writeFileSync(kubeconfig, text, { mode: 0o600 });
  const stack = await recorder.openMesh(STACK, SETTINGS, { ...recorder.engine, kubeconfig });
  await recorder.record("cluster-unreachable", (options) => stack.preview(options));
  await recorder.recordFailure("up-without-cluster", (options) => stack.up(options));
}

/** Kills the engine as soon as it has created the first Secret. */
async function recordInterruption(recorder: Recorder): Promise<void> {
  const stack = await recorder.openMesh(STACK, SETTINGS);
  const kill = () => {
    for (const { pid } of findProcesses(recorder.engine.directory, ["pulumi"])) signal(pid, "SIGKILL");
  };
  const { events } = await collect(({ onEvent }) =>
    stack.up({
      onEvent: (event) => {
        onEvent(event);
        if (event.resOutputsEvent?.metadata.type === "kubernetes:core/v1:Namespace") kill();
      },
    }),
  );
  recorder.write("interrupted", events);
  await stack.cancel();
}

/** Pods that do not become ready, because no node takes them. */
async function recordTimeout(recorder: Recorder): Promise<void> {
  const nodes = (await recorder.run("kubectl", "get", "nodes", "-o", "name")).trim().split("\n");
  await recorder.run("kubectl", "cordon", ...nodes);
  const program = () => {
    pulumi.runtime.registerResourceTransform(({ type, props, opts }) =>
      type === "kubernetes:helm.sh/v3:Release" ? { props: { ...props, timeout: 5 }, opts } : undefined,
    );
    return meshProgram();
  };
  const stack = await recorder.openProgram("linkerd-mesh", STACK, program, {
    ...recorder.settings,
    ...SETTINGS,
  });
  await recorder.recordFailure("up-fails", (options) => stack.up(options));
}
