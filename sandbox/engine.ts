/** Pulumi stacks on a local file backend, with the real engine. The sandbox and the engine tests use them. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as automation from "@pulumi/pulumi/automation/index.js";
import "./connections.ts";

const ROOT = join(import.meta.dirname, "..");

/** Where an engine stores its stacks, and the cluster that they deploy to. */
export interface Engine {
  /** Directory of the projects, the state and the files of the engine. */
  readonly directory: string;
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
}

/** Settings of a stack as in `Pulumi.<stack>.yaml`, without the `linkerd-mesh:` prefix of the keys. */
export type StackConfig = Record<string, unknown>;

/**
 * Opens a stack, or creates it, and replaces its configuration with the given one.
 *
 * `pulumi` and its providers must be on PATH. Secrets in the state are encrypted with an empty passphrase: a sandbox
 * has no secrets to protect, but its state has the same form as any other.
 */
export async function openStack(
  engine: Engine,
  project: { name: string; stack: string; config: StackConfig; program: automation.PulumiFn },
): Promise<automation.Stack> {
  const workDir = join(engine.directory, "projects", project.name);
  const backend = join(engine.directory, "state");
  for (const directory of [workDir, backend]) mkdirSync(directory, { recursive: true });
  // The project file of the program, so that its configuration schema and defaults are those of `pulumi up`.
  if (project.name === "linkerd-mesh") {
    // Without `main`, because the program is passed to the engine as a function.
    const file = readFileSync(join(ROOT, "Pulumi.yaml"), "utf8").replace(/^main: .*$/m, "");
    writeFileSync(join(workDir, "Pulumi.yaml"), file);
  }

  const stack = await automation.LocalWorkspace.createOrSelectStack(
    {
      stackName: project.stack,
      projectName: project.name,
      // The environment below is that of the engine. The CLI passes it to programs, but an inline program runs here.
      program: () => {
        process.env.KUBECONFIG = engine.kubeconfig;
        return project.program();
      },
    },
    {
      workDir,
      pulumiHome: join(engine.directory, "home"),
      envVars: {
        // Without the metadata file of each file: an engine that is killed while it writes one leaves it empty, and
        // the stack cannot be opened ("failed to load checkpoint: EOF").
        PULUMI_BACKEND_URL: `file://${backend}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: "",
        // The sandbox connects to this machine only.
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

/** The program of this project, `index.ts`. Each run evaluates it again, as each run of the Pulumi CLI does. */
export async function meshProgram(): Promise<Record<string, unknown>> {
  return { ...(await import(`${PROGRAM}?run=${++runs}`)) };
}
