import { createHash } from "node:crypto";
import { access, constants, cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import type { ReleasedTool, Tool } from "./catalog.ts";
import type { Platform } from "./platform.ts";

/** Returns `$XDG_CACHE_HOME/linkerd-mesh`, or `~/.cache/linkerd-mesh`. */
export function getCacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "linkerd-mesh");
}

/** Returns the path of a downloaded tool. The file has the tool's name, so that its directory can be put on PATH. */
export function getDownloadPath(cache: string, tool: ReleasedTool, { os, arch }: Platform): string {
  return join(cache, "tools", `${tool.name}-v${tool.version}-${os}-${arch}`, tool.name);
}

/**
 * Returns the path of a built tool, keyed by the hash of its sources. The version of Go is not part of the key: a
 * patch release of Go would cost 15 minutes of building for the same tools.
 */
export async function getBuildPath(
  cache: string,
  tool: Tool,
  sources: string,
  { os, arch }: Platform,
): Promise<string> {
  const hash = createHash("sha256");
  const { package: main, variables, tags } = tool.build;
  const key = [os, arch, main, Object.entries(variables).sort(), ...(tags === undefined ? [] : [tags])];
  hash.update(JSON.stringify(key));
  for (const file of await listFiles(sources)) {
    hash.update(`\0${file}\0`).update(await readFile(join(sources, file)));
  }
  return join(cache, "tools", `${tool.name}-${hash.digest("hex").slice(0, 16)}`, tool.name);
}

async function listFiles(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();
}

export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Creates an empty directory for work in progress. The caller holds the lock of the cache, so it is not shared. */
export async function createScratchDirectory(cache: string, name: string, copyOf?: string): Promise<string> {
  const directory = join(cache, "scratch", name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  if (copyOf !== undefined) await cp(copyOf, directory, { recursive: true });
  return directory;
}

/** Moves a finished binary to its place in one step, so that a binary in the cache is always complete. */
export async function moveIntoPlace(finished: string, path: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await rename(finished, path);
}
