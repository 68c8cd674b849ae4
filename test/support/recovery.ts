/** A mesh that may be broken: a cluster and an engine of one's own, ways to kill them, and the runbook's mends. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync } from "node:fs";
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
 * Without viz: while nobody serves its tap API, Kubernetes finishes deleting no namespace. And without what stays: each
 * `up` and each `destroy` is a whole one.
 */
const CONFIG = { clusterNetworks: ["127.0.0.0/8"], viz: false, keepCrds: false };
const PROVIDERS = ["kubernetes", "tls", "random"].map((name) => `pulumi-resource-${name}`);

/** What the options of an operation are made of here. */
export type Operation = (options: { onEvent: (event: EngineEvent) => void }) => Promise<unknown>;

/** A resource as the state file has it; secrets in it are encrypted, certificates are not. */
export interface Deployed {
  urn: string;
  type: string;
  outputs?: { certPem?: string };
}

/** A cluster, an engine and one stack of the mesh, nobody else's. */
export class Breakable {
  readonly engine: Engine;
  readonly #directory: string;
  #workspace: LocalWorkspace | undefined;

  private constructor(directory: string, kubeconfig: string) {
    this.#directory = directory;
    this.engine = { directory: join(directory, "pulumi"), kubeconfig };
  }

  static async start(): Promise<Breakable> {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), "breakable-")));
    const { kubeconfig } = await startCluster(clusterIn(directory));
    return new Breakable(directory, kubeconfig);
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

  /** Every revision that Helm keeps, as `<release> <status>`. */
  async helmRecords(): Promise<string[]> {
    const row = '{range .items[*]}{.metadata.labels.name} {.metadata.labels.status}{"\\n"}{end}';
    const found = await this.kubectl("get", "secrets", "-A", "-l", "owner=helm", "-o", `jsonpath=${row}`);
    return found.split("\n").filter(Boolean);
  }

  /** The status of each release's last revision. */
  async releases(): Promise<Record<string, string>> {
    return Object.fromEntries((await this.helmRecords()).map((record) => record.split(" ")));
  }

  /** Runs an operation that may fail, and does `then` at the moment when Helm has this record. */
  async attemptAndAt(record: string, operation: Operation, then: () => unknown): Promise<Attempt> {
    let running = true;
    const watch = async () => {
      for (; running; await sleep(50)) if ((await this.helmRecords()).includes(record)) return then();
    };
    const watching = watch();
    const result = await attempt(operation);
    running = false;
    await watching;
    return result;
  }

  /** What the state file holds, and what it holds to be unfinished. */
  state(): { resources: Deployed[]; pending: string[] } {
    const { latest } = JSON.parse(stateOf("linkerd-mesh", STACK, this.engine)).checkpoint;
    const pending: { type: string; resource: Deployed }[] = latest?.pending_operations ?? [];
    return {
      resources: latest?.resources ?? [],
      pending: pending.map(({ type, resource }) => `${type} ${resource.urn}`),
    };
  }

  /** Kills the engine, as the kernel does where memory is short. Its providers go on with what they are at. */
  killEngine(): void {
    kill(this.engine.directory, ["pulumi"]);
  }

  /** Kills the engine and its providers, as the loss of their machine does. */
  killAll(): void {
    kill(this.engine.directory, ["pulumi", ...PROVIDERS]);
  }

  /** Lets providers finish that a killed engine left, and ends them. */
  async endProviders(): Promise<void> {
    const busy = /pending|uninstalling/;
    const left = findProcesses(this.engine.directory, PROVIDERS);
    for (let tries = 0; left.length > 0 && tries < 60; tries++, await sleep(500)) {
      if (tries > 0 && !(await this.helmRecords()).some((record) => busy.test(record))) break;
    }
    await end(left);
  }

  killApiServer(): void {
    kill(this.#directory, ["kube-apiserver"]);
  }

  async bringBackApiServer(): Promise<void> {
    await startCluster(clusterIn(this.#directory));
  }

  /** Runs a command of the runbook as a person in the project's directory would, or in another. */
  async runCommand(command: string, cwd?: string): Promise<void> {
    if (this.#workspace === undefined) throw new Error("the stack was not opened");
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

/** What an operation said, and whether it came to its end. */
export interface Attempt {
  finished: boolean;
  errors: string;
  warnings: string;
  /** The first Helm release that an error is about. */
  release: string | undefined;
}

/** Runs an operation that may fail. */
export async function attempt(operation: Operation): Promise<Attempt> {
  const shown: { severity: string; message: string; urn?: string }[] = [];
  const of = (severity: string) => shown.filter((d) => d.severity === severity);
  const onEvent = ({ diagnosticEvent }: EngineEvent) => {
    if (diagnosticEvent) shown.push(diagnosticEvent);
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
    // Before there is an engine that could tell, such as of a lock, the CLI does.
    errors: text("error") || failure,
    warnings: text("warning"),
    release: of("error")
      .map(({ urn = "" }) => /::([\w-]+)-release$/.exec(urn)?.[1])
      .find((name) => name !== undefined),
  };
}

/** An entry of docs/recovery.md: the messages that it is about, and the command under them. */
export interface Entry {
  messages: string[];
  command: string | undefined;
}

/** The entries of docs/recovery.md. What a heading has in backticks are messages; the first block of shell is the mend. */
export function runbook(): Entry[] {
  const text = readFileSync(join(import.meta.dirname, "../../docs/recovery.md"), "utf8");
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const heading = section.slice(0, section.indexOf("\n"));
      return {
        messages: [...heading.matchAll(/`(.+?)`/g)].map(([, message = ""]) => message),
        command: /^```sh\n([\s\S]*?)^```/m.exec(section)?.[1],
      };
    });
}

/** The entry for what was said. */
export function entryFor(said: string): Entry | undefined {
  return runbook().find(({ messages }) => messages.some((message) => said.includes(message)));
}

/**
 * Runs an operation until it comes to its end, each time doing what the runbook says of the message seen.
 * Tells those messages.
 */
export async function runToEnd(broken: Breakable, operation: Operation): Promise<string[]> {
  const messages: string[] = [];
  const mend = async (said: string, release: string | undefined) => {
    const entry = entryFor(said);
    if (entry?.command === undefined) throw new Error(`the runbook has no command for: ${said}`);
    messages.push(...entry.messages);
    const { command } = entry;
    await broken.runCommand(release ? command.replaceAll("linkerd-control-plane", release) : command);
  };
  for (let tries = 0; tries < 5; tries++) {
    const { finished, errors, warnings, release } = await attempt(operation);
    if (!finished) await mend(errors, release);
    else {
      if (entryFor(warnings) && broken.state().pending.length > 0) await mend(warnings, release);
      return messages;
    }
  }
  throw new Error(`it came to no end after the mends for: ${messages.join("; ")}`);
}
