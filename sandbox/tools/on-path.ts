import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { satisfies } from "semver";
import which from "which";
import type { Tool } from "./catalog.ts";

/** A tool on PATH: its path, or the reason why it is not used. `undefined` if PATH has none. */
export type OnPath = { readonly path: string } | { readonly rejected: string } | undefined;

/** Looks a tool up on PATH, and checks that its version is in the accepted range. */
export async function findOnPath(tool: Tool): Promise<OnPath> {
  if (!tool.versionArguments) return undefined;
  const found = await which(tool.name, { nothrow: true });
  if (found === null) return undefined;
  // PATH may have relative directories, and tools run in other working directories than this process.
  const path = resolve(found);
  const version = await readVersion(path, tool.versionArguments);
  if (version !== undefined && satisfies(version, tool.accepted)) return { path };
  return { rejected: `${path}: version must be ${tool.accepted}, got ${version ?? "no version number"}` };
}

/** The first `1.2.3` that a tool prints, such as in `kwok version v0.8.0 go1.26.8 (linux/amd64)`. */
async function readVersion(path: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, [...args], { timeout: 10_000 });
    return /\d+\.\d+\.\d+/.exec(stdout || stderr)?.[0];
  } catch {
    return undefined; // It fails or hangs: another tool of the same name.
  }
}
