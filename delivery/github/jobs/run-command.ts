/** Runs the commands of a job. */
import { spawn } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { withoutKeys } from "../../../stacks/secrets/without-keys.ts";
import { RedactedLines } from "./redacted-lines.ts";

export interface CommandResult {
  readonly code: number;
  /** Without private keys. */
  readonly stdout: string;
  /** Without private keys. */
  readonly stderr: string;
}

export interface CommandOptions {
  /** Added to the environment of this process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether the log of the job shows stdout. It always shows stderr. @default true */
  readonly showOutput?: boolean;
}

/**
 * Runs a command, and shows its output in the log of the job while it runs. Neither the log nor the result contains a
 * private key.
 *
 * @throws Error if the command does not exist
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { environment = {}, showOutput = true }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const captured = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    const log = new RedactedLines((text) => {
      if (showOutput || name === "stderr") process[name].write(text);
    });
    child[name].setEncoding("utf8");
    child[name].on("data", (piece: string) => {
      captured[name] += piece;
      log.add(piece);
    });
    child[name].on("end", () => log.end());
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "ENOENT"
          ? new Error(
              `${command}: must be on PATH, got no such command. Fix: check the step that installs it.`,
            )
          : error,
      ),
    );
    child.on("close", (status) => resolve(status ?? 1));
  });
  return { code, stdout: withoutKeys(captured.stdout), stderr: withoutKeys(captured.stderr) };
}

/** Appends Markdown to the summary of the job's step. Without `GITHUB_STEP_SUMMARY`, prints it. */
export async function addToStepSummary(markdown: string): Promise<void> {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (!file) console.log(markdown);
  else await appendFile(file, `${markdown.trim()}\n\n`);
}
