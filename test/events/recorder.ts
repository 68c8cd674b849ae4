/** Runs operations on the real engine, and writes their events to files of this directory. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { EngineEvent, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { type Engine, meshProgram, openStack, type StackConfig } from "../../sandbox/engine.ts";
import type { Tools } from "../../sandbox/tools/index.ts";
import { formatEventLog, type Replacements } from "./event-log.ts";

const ROOT = join(import.meta.dirname, "../..");

/** An operation of a stack, such as `(options) => stack.up(options)`. */
export type Operation = (options: { onEvent: (event: EngineEvent) => void }) => Promise<unknown>;

/** Charts of two versions in one directory. */
export interface Charts {
  readonly directory: string;
  readonly versions: readonly [earlier: string, current: string];
}

/** A cluster, an engine and the charts for recordings. */
export class Recorder {
  /** Settings that every recorded stack has. */
  readonly settings: StackConfig;
  readonly engine: Engine;
  readonly tools: Tools;
  /** Directory of the charts of two versions. */
  readonly charts: string;
  readonly chartVersion: string;
  readonly earlierVersion: string;
  readonly #replacements: Replacements;

  constructor(engine: Engine, tools: Tools, charts: Charts) {
    this.engine = engine;
    this.tools = tools;
    this.charts = charts.directory;
    [this.earlierVersion, this.chartVersion] = charts.versions;
    this.settings = {
      chartSource: this.charts,
      chartVersion: this.chartVersion,
      clusterNetworks: ["127.0.0.0/8"],
      keepCrds: false,
    };
    this.#replacements = [
      [this.charts, "<charts>"],
      [dirname(engine.directory), "<sandbox>"],
      [ROOT, "<project>"],
      [homedir(), "<home>"],
    ];
  }

  /** Opens a stack of this project's program. */
  openMesh(stack: string, settings: StackConfig = {}, engine = this.engine): Promise<Stack> {
    return this.openProgram("linkerd-mesh", stack, meshProgram, { ...this.settings, ...settings }, engine);
  }

  /** Opens a stack of any program. */
  openProgram(
    name: string,
    stack: string,
    program: PulumiFn,
    config: StackConfig = {},
    engine = this.engine,
  ): Promise<Stack> {
    return openStack(engine, { name, stack, config, program });
  }

  /** Runs an operation that must succeed, and writes its events to `<name>.jsonl`. */
  async record(name: string, operation: Operation): Promise<void> {
    const { events, error } = await collect(operation);
    if (error !== undefined) throw new Error(`${name}: the operation must succeed, got: ${error.message}`);
    this.write(name, events);
  }

  /** Runs an operation that must fail, and writes its events to `<name>.jsonl`. */
  async recordFailure(name: string, operation: Operation): Promise<void> {
    const { events, error } = await collect(operation);
    if (error === undefined) throw new Error(`${name}: the operation must fail, but it succeeded`);
    this.write(name, events);
  }

  write(name: string, events: readonly EngineEvent[]): void {
    writeFileSync(join(import.meta.dirname, `${name}.jsonl`), this.format(events));
  }

  /** Formats events as the text of a recording. */
  format(events: readonly EngineEvent[]): string {
    return formatEventLog(events, this.#replacements);
  }

  /** Runs one of the sandbox's tools against the cluster. */
  async run(tool: "kubectl" | "helm", ...args: string[]): Promise<string> {
    const env = { ...process.env, KUBECONFIG: this.engine.kubeconfig };
    return (await promisify(execFile)(this.tools.paths[tool], args, { env, maxBuffer: 64 << 20 })).stdout;
  }
}

/** Runs an operation and returns its events, and its error if it fails. */
export async function collect(operation: Operation): Promise<{ events: EngineEvent[]; error?: Error }> {
  const events: EngineEvent[] = [];
  try {
    await operation({ onEvent: (event) => events.push(event) });
    return { events };
  } catch (error) {
    return { events, error: error as Error };
  }
}
