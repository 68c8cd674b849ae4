/** The mesh stack in the directory of its Pulumi project. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The project of the mesh program, as in its `Pulumi.yaml`. It is the namespace of the stack's settings. */
const PROJECT = "linkerd-mesh";

/** Number of characters of a command's output in an error. */
const MAX_OUTPUT = 2_000;

/** What a rotation needs of a stack. Every method rejects with an `Error` that has the end of the command's output. */
export interface MeshProject {
  /** The setting `certificates`; `undefined` if it is not set, `"secret"` if it is encrypted. */
  readCertificates(): Promise<unknown>;
  /** Runs `pulumi config` with these arguments. */
  configure(args: readonly string[]): Promise<void>;
  /** Rejects if a preview has changes. */
  expectNoChanges(): Promise<void>;
  /** Runs `pulumi up`. It is never interrupted, because an interrupted `up` needs docs/recovery.md. */
  up(): Promise<void>;
}

/** One value in the output of `pulumi config --json`. */
interface ConfigValue {
  readonly value?: string;
  readonly objectValue?: unknown;
  readonly secret?: boolean;
}

/**
 * Opens the project with the Pulumi CLI on `PATH`. Each command names the stack, so that the selected stack of the directory
 * does not change.
 */
export function openMeshProject(directory: string, stack: string): MeshProject {
  const run = (...args: string[]) => runPulumi(directory, [...args, "--stack", stack, "--non-interactive"]);
  return {
    readCertificates: async () => {
      const config = JSON.parse(await run("config", "--json")) as Record<string, ConfigValue>;
      const found = config[`${PROJECT}:certificates`];
      return found?.secret ? "secret" : found?.objectValue;
    },
    configure: async (args) => {
      await run("config", ...args);
    },
    expectNoChanges: async () => {
      await run("preview", "--expect-no-changes");
    },
    up: async () => {
      await run("up", "--yes", "--skip-preview");
    },
  };
}

/**
 * Runs a command and returns its standard output. The command has a process group of its own and writes to files, so that
 * it completes also if this process ends: Ctrl-C does not reach it, and no pipe breaks.
 */
async function runPulumi(directory: string, args: readonly string[]): Promise<string> {
  const logs = mkdtempSync(join(tmpdir(), "linkerd-mesh-rotation-"));
  const paths = [join(logs, "stdout"), join(logs, "stderr")] as const;
  const [stdout, stderr] = paths.map((path) => openSync(path, "w")) as [number, number];
  const child = spawn("pulumi", args, { cwd: directory, detached: true, stdio: ["ignore", stdout, stderr] });
  try {
    const [code] = (await once(child, "exit")) as [number | null];
    const [output, errors] = paths.map((path) => readFileSync(path, "utf8")) as [string, string];
    if (code !== 0) {
      throw new Error(`pulumi ${args.join(" ")} failed:\n${`${output}${errors}`.trim().slice(-MAX_OUTPUT)}`);
    }
    return output;
  } finally {
    closeSync(stdout);
    closeSync(stderr);
    rmSync(logs, { recursive: true });
  }
}
