/** Opens stacks on the real engine in this run's sandbox, and reads what their operations do. */
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
import { testEngine } from "./engine.ts";

/**
 * Opens a stack of this project's program on the cluster of this run, or of another engine. `keepCrds` is `false` by
 * default, because the next test may install the CRDs for another namespace.
 */
export function openMesh(stack: string, config: StackConfig = {}, engine?: Engine): Promise<Stack> {
  const settings = { ...inject("charts"), keepCrds: false, ...config };
  return openProgram("linkerd-mesh", stack, meshProgram, settings, engine);
}

/** Opens a separate stack with a MeshedDeployment `name` that references the mesh of the stack `mesh`. */
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

/** Time limit of an operation: well above what any operation takes here, and below the timeout of a test. */
const OPERATION_MS = 120_000;

/**
 * Opens a stack of any program. Its operations are interrupted before their test times out, so that they report where
 * they stopped.
 */
export async function openProgram(
  name: string,
  stack: string,
  program: PulumiFn,
  config: StackConfig = {},
  engine: Engine = testEngine(),
): Promise<Stack> {
  process.env.PATH = inject("tools").searchPath;
  // The charts of this run are in the settings. A preview would not read those of another source.
  delete process.env.LINKERD_CHARTS;
  const opened = await openStack(engine, { name, stack, config, program });
  for (const operation of ["preview", "up", "refresh", "previewDestroy", "destroy"] as const) {
    const run = opened[operation].bind(opened) as (options: object) => Promise<never>;
    opened[operation] = (options) => run({ signal: AbortSignal.timeout(OPERATION_MS), ...options });
  }
  return opened;
}

/** Counts the changes of an operation by kind, without unchanged resources. */
export function changes(summary: OpMap | undefined): OpMap {
  const { same: _, ...rest } = summary ?? {};
  return rest;
}

/**
 * Runs a preview. Returns its steps as `<operation> <name>`, without unchanged and read resources, and its
 * diagnostics as `<severity>: <message>`.
 */
export async function previewSteps(stack: Stack) {
  const steps: string[] = [];
  const diagnostics: string[] = [];
  const { changeSummary } = await stack.preview({
    onEvent: ({ resourcePreEvent, diagnosticEvent }) => {
      const { op = "same", urn = "" } = resourcePreEvent?.metadata ?? {};
      if (op !== "same" && op !== "read") steps.push(`${op} ${urn.split("::").at(-1)}`);
      const { severity = "debug", message = "" } = diagnosticEvent ?? {};
      // The engine warns about each provider on PATH. A sandbox puts them there on purpose.
      const isAboutPlugins = /from \$PATH|is expected to have version/.test(message);
      if (message.trim() && severity !== "debug" && !isAboutPlugins) {
        diagnostics.push(`${severity}: ${message.trim()}`);
      }
    },
  });
  return { steps, diagnostics, changeSummary };
}

/** Runs an operation and returns its completed steps in order, without unchanged resources. */
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

/** Reads the state file of a stack. */
export function stateOf(project: string, stack: string, engine: Engine = testEngine()): string {
  return readFileSync(join(engine.directory, "state", ".pulumi", "stacks", project, `${stack}.json`), "utf8");
}

/** Matches a private key in plain text, or in base64 at any offset. */
export const PRIVATE_KEY = /PRIVATE KEY|UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW/;

/**
 * Runs an `up` with debug messages and `-v=8`, and returns its log. Not `-v=9`: from that level on, the engine prints
 * every message between itself and the providers in plain text, regardless of the program.
 */
export async function upVerbosely(stack: Stack): Promise<{ result: UpResult; log: string }> {
  let log = "";
  const append = (text: string) => {
    log += text;
  };
  const verbose = { debug: true, logVerbosity: 8, logToStdErr: true };
  const result = await stack.up({ ...verbose, onOutput: append, onError: append } as UpOptions);
  return { result, log };
}

/** Runs an operation that must fail, and returns its errors. Throws if the operation succeeds. */
export async function failureOf(
  operation: (options: { onEvent: (event: EngineEvent) => void }) => Promise<unknown>,
): Promise<string> {
  const errors: string[] = [];
  const onEvent = ({ diagnosticEvent }: EngineEvent) => {
    if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message);
  };
  try {
    await operation({ onEvent });
  } catch (error) {
    return [...errors, (error as Error).message].join("\n");
  }
  throw new Error("the operation must fail, but it succeeded");
}
