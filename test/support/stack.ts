/** The mesh as a stack of the real engine, in the sandbox of this run. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  EngineEvent,
  OpMap,
  PulumiFn,
  Stack,
  UpOptions,
  UpResult,
} from "@pulumi/pulumi/automation/index.js";
import { inject } from "vitest";
import { MeshedDeployment } from "../../components/index.ts";
import { MeshReference } from "../../components/mesh-reference.ts";
import { type Engine, meshProgram, openStack, type StackConfig } from "../../sandbox/engine.ts";

/**
 * Opens a stack of this project's program, on the cluster of this run or another. Its definitions go when it does,
 * if nothing else is said: the next test may install them for another namespace.
 */
export function openMesh(stack: string, config: StackConfig = {}, engine?: Engine): Promise<Stack> {
  const settings = { ...inject("charts"), keepCrds: false, ...config };
  return openProgram("linkerd-mesh", stack, meshProgram, settings, engine);
}

/** Opens a stack of its own with a workload of another team, `name`, which belongs to the mesh of the stack `mesh`. */
export function openMeshedWorkload(stack: string, name: string, mesh: string): Promise<Stack> {
  return openProgram(stack, "test", async () => {
    const labels = { app: name };
    new MeshedDeployment(name, {
      metadata: { name, namespace: "default" },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "main:1" }] } },
      },
      mesh: { ref: new MeshReference(`organization/linkerd-mesh/${mesh}`) },
    });
  });
}

/** Far above what any operation takes here, and below what its test may. */
const OPERATION_MS = 120_000;

/** Opens a stack of any program. Its operations are interrupted before their test is, and so tell where they were. */
export async function openProgram(
  name: string,
  stack: string,
  program: PulumiFn,
  config: StackConfig = {},
  engine: Engine = inject("engine"),
): Promise<Stack> {
  process.env.PATH = inject("tools").searchPath;
  const opened = await openStack(engine, { name, stack, config, program });
  for (const operation of ["preview", "up", "refresh", "previewDestroy", "destroy"] as const) {
    const run = opened[operation].bind(opened) as (options: object) => Promise<never>;
    opened[operation] = (options) => run({ signal: AbortSignal.timeout(OPERATION_MS), ...options });
  }
  return opened;
}

/** Everything that an operation did but leave alone. */
export function changes(summary: OpMap | undefined): OpMap {
  const { same: _, ...rest } = summary ?? {};
  return rest;
}

/** A preview: everything that it would do but leave alone or look at, as `<operation> <name>`, and what the program says. */
export async function previewed(stack: Stack) {
  const steps: string[] = [];
  const said: string[] = [];
  const { changeSummary } = await stack.preview({
    onEvent: ({ resourcePreEvent, diagnosticEvent }) => {
      const { op = "same", urn = "" } = resourcePreEvent?.metadata ?? {};
      if (op !== "same" && op !== "read") steps.push(`${op} ${urn.split("::").at(-1)}`);
      const { severity = "debug", message = "" } = diagnosticEvent ?? {};
      // The engine has a word for each provider that it finds on PATH, as a sandbox means it to.
      const isOfPlugins = /from \$PATH|is expected to have version/.test(message);
      if (message.trim() && severity !== "debug" && !isOfPlugins) said.push(`${severity}: ${message.trim()}`);
    },
  });
  return { steps, said, changeSummary };
}

/** Runs an operation and tells what it did but leave alone, in its order. */
export async function stepsOf(
  operation: (options: { onEvent: (event: EngineEvent) => void }) => Promise<unknown>,
): Promise<{ op: string; type: string; name: string }[]> {
  const steps: { op: string; type: string; name: string }[] = [];
  await operation({
    onEvent: ({ resOutputsEvent }) => {
      const { op = "same", type = "", urn = "" } = resOutputsEvent?.metadata ?? {};
      if (op !== "same") steps.push({ op, type, name: urn.split("::").at(-1) ?? "" });
    },
  });
  return steps;
}

/** The state file as it lies on the disk. */
export function stateOf(project: string, stack: string, engine: Engine = inject("engine")): string {
  return readFileSync(join(engine.directory, "state", ".pulumi", "stacks", project, `${stack}.json`), "utf8");
}

/** A private key, plain or in base64 at any offset. */
export const PRIVATE_KEY = /PRIVATE KEY|UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW/;

/**
 * An `up` with everything that the engine will say of it, but for `-v=9`: from there on it prints every message
 * between itself and the providers, in plain, whatever the program.
 */
export async function upVerbosely(stack: Stack): Promise<{ result: UpResult; log: string }> {
  let log = "";
  const hear = (text: string) => {
    log += text;
  };
  const loud = { debug: true, logVerbosity: 8, logToStdErr: true };
  const result = await stack.up({ ...loud, onOutput: hear, onError: hear } as UpOptions);
  return { result, log };
}

/** Runs `operation` and tells the errors that the engine showed, where it fails. */
export async function failureOf(
  operation: (options: { onEvent: (event: EngineEvent) => void }) => Promise<unknown>,
): Promise<string> {
  const shown: string[] = [];
  const onEvent = ({ diagnosticEvent }: EngineEvent) => {
    if (diagnosticEvent?.severity === "error") shown.push(diagnosticEvent.message);
  };
  try {
    await operation({ onEvent });
  } catch (error) {
    return [...shown, (error as Error).message].join("\n");
  }
  throw new Error("the operation was expected to fail and did not");
}
