import { execFile } from "node:child_process";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { isExecutable } from "./cache.ts";
import type { Tool } from "./catalog.ts";
import { findVersion, within } from "./version.ts";

/** What PATH has of a tool: a path if it will do, else why it will not; `undefined` if it has none. */
export type OnPath = { readonly path: string } | { readonly refused: string } | undefined;

export async function findOnPath(tool: Tool): Promise<OnPath> {
  if (!tool.versionArguments) return undefined;
  const path = await firstOnPath(tool.name);
  if (path === undefined) return undefined;
  const { from, below } = tool.accepted;
  const wanted = `needed is ${from} or newer, below ${below}`;
  try {
    const { stdout, stderr } = await promisify(execFile)(path, [...tool.versionArguments], {
      timeout: 10_000,
    });
    const version = findVersion(stdout || stderr);
    if (version && within(version, tool.accepted)) return { path };
    return { refused: `${path} is ${version?.join(".") ?? "of no known version"}; ${wanted}` };
  } catch {
    return { refused: `${path} does not tell its version; ${wanted}` };
  }
}

async function firstOnPath(name: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, name);
    if (directory && (await isExecutable(path))) return path;
  }
  return undefined;
}
