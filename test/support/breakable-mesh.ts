/** A mesh that a test may break: its own cluster, engine and stack, and ways to kill their processes. */
import { execFile } from "node:child_process";
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { EngineEvent, LocalWorkspace, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { inject } from "vitest";
import { deleteCluster, startCluster } from "../../sandbox/cluster.ts";
import { type Engine, meshProgram, type StackConfig } from "../../sandbox/engine.ts";
import { end, findProcesses, signal } from "../../sandbox/processes.ts";
import { runAgainst } from "./cluster.ts";
import { openProgram, stateOf } from "./stack.ts";

const STACK = "breakable";
/**
 * Without viz: Kubernetes cannot finish deleting a namespace while viz's tap API has no server. `keepCrds: false`
 * leaves nothing behind, so that each `up` and each `destroy` covers every resource.
 */
const CONFIG = { clusterNetworks: ["127.0.0.0/8"], viz: false, keepCrds: false };
const PROVIDERS = ["kubernetes", "tls", "random"].map((name) => `pulumi-resource-${name}`);

/** An operation of a stack, such as `(options) => stack.up(options)`. */
export type Operation = (options: { onEvent: (event: EngineEvent) => void }) => Promise<unknown>;

/** A resource as the state file contains it. Secrets in it are encrypted, certificates are not. */
interface StateResource {
  urn: string;
  type: string;
  outputs?: { certPem?: string };
}

/** A cluster, an engine and one stack of the mesh that no other test uses. */
export class BreakableMesh {
  readonly engine: Engine;
  readonly #directory: string;
  #workspace: LocalWorkspace | undefined;

  private constructor(directory: string, kubeconfig: string) {
    this.#directory = directory;
    this.engine = { directory: join(directory, "pulumi"), kubeconfig };
  }

  static async start(): Promise<BreakableMesh> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), "breakable-")));
    const { kubeconfig } = await startCluster(clusterIn(directory));
    return new BreakableMesh(directory, kubeconfig);
  }

  async open(config: StackConfig = {}, program: PulumiFn = meshProgram): Promise<Stack> {
    const settings = { ...inject("charts"), ...CONFIG, ...config };
    const stack = await openProgram("linkerd-mesh", STACK, program, settings, this.engine);
    this.#workspace = stack.workspace as LocalWorkspace;
    return stack;
  }

  kubectl(...args: string[]): Promise<string> {
    return runAgainst(this.engine.kubeconfig, "kubectl", ...args);
  }

  /** Lists every revision that Helm keeps, as `<release> <status>`. */
  async listHelmRecords(): Promise<string[]> {
    const row = '{range .items[*]}{.metadata.labels.name} {.metadata.labels.status}{"\\n"}{end}';
    const found = await this.kubectl("get", "secrets", "-A", "-l", "owner=helm", "-o", `jsonpath=${row}`);
    return found.split("\n").filter(Boolean);
  }

  /** Reads the status of each release's latest revision, by the release's name. */
  async readReleaseStatuses(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.listHelmRecords()).map((record) => record.split(" ")));
  }

  /** Runs an operation that may fail, and runs `action` as soon as Helm has this record (`<release> <status>`). */
  async attemptWithActionAt(record: string, operation: Operation, action: () => unknown): Promise<Attempt> {
    let running = true;
    const watch = async () => {
      for (; running; await sleep(50)) if ((await this.listHelmRecords()).includes(record)) return action();
    };
    const watching = watch();
    const result = await attempt(operation);
    running = false;
    await watching;
    return result;
  }

  /** Reads the state file: its resources, and its pending operations as `<operation> <URN>`. */
  readState(): { resources: StateResource[]; pending: string[] } {
    const { latest } = JSON.parse(stateOf("linkerd-mesh", STACK, this.engine)).checkpoint;
    const pending: { type: string; resource: StateResource }[] = latest?.pending_operations ?? [];
    return {
      resources: latest?.resources ?? [],
      pending: pending.map(({ type, resource }) => `${type} ${resource.urn}`),
    };
  }

  /** Kills the engine, as the kernel does when memory runs out. Its providers continue their current work. */
  killEngine(): void {
    kill(this.engine.directory, ["pulumi"]);
  }

  /** Kills the engine and its providers, as the loss of their machine does. */
  killEngineAndProviders(): void {
    kill(this.engine.directory, ["pulumi", ...PROVIDERS]);
  }

  /** Waits until the providers that a killed engine left finish their work, and stops them. */
  async stopProviders(): Promise<void> {
    const busy = /pending|uninstalling/;
    const left = findProcesses(this.engine.directory, PROVIDERS);
    for (let tries = 0; left.length > 0 && tries < 60; tries++, await sleep(500)) {
      if (tries > 0 && !(await this.listHelmRecords()).some((record) => busy.test(record))) break;
    }
    await end(left);
  }

  killApiServer(): void {
    kill(this.#directory, ["kube-apiserver"]);
  }

  async restartApiServer(): Promise<void> {
    await startCluster(clusterIn(this.#directory));
  }

  /** Runs a command of the runbook as a user does, in the project's directory unless `cwd` is given. */
  async runCommand(command: string, cwd?: string): Promise<void> {
    if (this.#workspace === undefined) throw new Error("runCommand needs an open stack: call open() first");
    const { envVars, pulumiHome, workDir } = this.#workspace;
    const env = { ...process.env, ...envVars, PULUMI_HOME: pulumiHome, PATH: inject("tools").searchPath };
    await promisify(execFile)("sh", ["-ec", command], { env, cwd: cwd ?? workDir });
  }

  async delete(): Promise<void> {
    await end(findProcesses(this.engine.directory, ["pulumi", ...PROVIDERS]));
    await deleteCluster(this.#directory);
  }
}

function clusterIn(directory: string) {
  return { name: "breakable", directory, tools: inject("tools") };
}

function kill(directory: string, names: string[]): void {
  for (const { pid } of findProcesses(directory, names)) signal(pid, "SIGKILL");
}

/** The outcome of an operation. */
export interface Attempt {
  /** Whether the operation succeeded. */
  finished: boolean;
  errors: string;
  warnings: string;
  /** The Helm release that the first error with a release is about. */
  release: string | undefined;
}

/** Runs an operation that may fail, and collects its errors and warnings. */
export async function attempt(operation: Operation): Promise<Attempt> {
  const diagnostics: { severity: string; message: string; urn?: string }[] = [];
  const of = (severity: string) => diagnostics.filter((d) => d.severity === severity);
  const onEvent = ({ diagnosticEvent }: EngineEvent) => {
    if (diagnosticEvent) diagnostics.push(diagnosticEvent);
  };
  let failure = "";
  await operation({ onEvent }).catch((error: Error) => {
    failure = error.message;
  });
  const text = (severity: string) =>
    of(severity)
      .map(({ message }) => message)
      .join("");
  return {
    finished: failure === "",
    // The CLI, not the engine, reports failures that occur before an engine starts, e.g. a lock.
    errors: text("error") || failure,
    warnings: text("warning"),
    release: of("error")
      .map(({ urn = "" }) => /::([\w-]+)-release$/.exec(urn)?.[1])
      .find((name) => name !== undefined),
  };
}
