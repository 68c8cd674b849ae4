import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/**
 * Runs a script of this directory in a process of its own, with `task` as JSON, and parses the last line of its
 * output as JSON. If the script fails, the error has what it printed to stderr.
 */
export async function runScript<Result>(script: string, task: object): Promise<Result> {
  const args = [join(import.meta.dirname, script), JSON.stringify(task)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
