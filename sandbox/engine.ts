/** Real Pulumi stacks on a local file backend: the sandbox and the engine tests run the program with it. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as automation from "@pulumi/pulumi/automation/index.js";
import "./connections.ts";

const ROOT = join(import.meta.dirname, "..");

/** Where an engine keeps its stacks, and the cluster they deploy to. */
export interface Engine {
  /** Directory for projects, state and the engine's own files. */
  readonly directory: string;
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
}

/** A stack's settings as they would stand in `Pulumi.<stack>.yaml`, without the project before the colon. */
export type StackConfig = Record<string, unknown>;

/**
 * Opens a stack, made if there is none, with this configuration and no other.
 *
 * `pulumi` and its providers are taken from PATH. State is encrypted with an empty passphrase: a sandbox has
 * no secrets worth one, but state is written as it would be elsewhere.
 */
export async function openStack(
  engine: Engine,
  project: { name: string; stack: string; config: StackConfig; program: automation.PulumiFn },
): Promise<automation.Stack> {
  const workDir = join(engine.directory, "projects", project.name);
  const backend = join(engine.directory, "state");
  for (const directory of [workDir, backend]) mkdirSync(directory, { recursive: true });
  // The program's own project file, so that its configuration schema and defaults are those of `pulumi up`.
  if (project.name === "linkerd-mesh") {
    // Without its entry point: the program is handed to the engine as a function.
    const file = readFileSync(join(ROOT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, "");
    writeFileSync(join(workDir, "Pulumi.yaml"), file);
  }

  const stack = await automation.LocalWorkspace.createOrSelectStack(
    { stackName: project.stack, projectName: project.name, program: project.program },
    {
      workDir,
      pulumiHome: join(engine.directory, "home"),
      envVars: {
        // Without the file of metadata that is else written beside each: an engine that is killed while it writes
        // one leaves it empty, and the stack cannot be opened ("failed to load checkpoint: EOF").
        PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "",
        // The sandbox dials nothing but itself.
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        KUBECONFIG: engine.kubeconfig,
      },
    },
  );
  const settings = await stack.workspace.stackSettings(project.stack);
  settings.config = Object.fromEntries(
    Object.entries(project.config).map(([key, value]) => [`${project.name}:${key}`, value as string]),
  );
  await stack.workspace.saveStackSettings(project.stack, settings);
  return stack;
}

const PROGRAM = pathToFileURL(join(ROOT, "index.ts")).href;
let runs = 0;

/** The program of this project, `index.ts`, evaluated anew at every run as the Pulumi CLI would. */
export async function meshProgram(): Promise<Record<string, unknown>> {
  return { ...(await import(`${PROGRAM}?run=${++runs}`)) };
}
