import { createHash } from "node:crypto";
import { access, constants, cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import type { Tool } from "./catalog.ts";
import type { Platform } from "./platform.ts";

/** `$XDG_CACHE_HOME/linkerd-mesh`, or `~/.cache/linkerd-mesh`. */
export function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "linkerd-mesh");
}

/** Where a tool lies once it is downloaded: its name is its file's name, so that the directory fits PATH. */
export function downloadedPath(cache: string, tool: Tool, { os, arch }: Platform): string {
  return join(cache, "tools", `${tool.name}-v${tool.version}-${os}-${arch}`, tool.name);
}

/**
 * Where a tool lies once it is built: keyed by the hash of what it is built from. Go's own version is not part
 * of it: a patch of Go would cost everybody a quarter of an hour for the same tools.
 */
export async function builtPath(
  cache: string,
  tool: Tool,
  sources: string,
  { os, arch }: Platform,
): Promise<string> {
  const hash = createHash("sha256");
  const { package: main, variables } = tool.build;
  hash.update(JSON.stringify([os, arch, main, Object.entries(variables).sort()]));
  for (const file of await filesUnder(sources)) {
    hash.update(`\0${file}\0`).update(await readFile(join(sources, file)));
  }
  return join(cache, "tools", `${tool.name}-${hash.digest("hex").slice(0, 16)}`, tool.name);
}

async function filesUnder(directory: string): Promise<string[]> {
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

/** An empty directory for work in progress. The caller holds the cache's lock, so one at a time uses it. */
export async function scratchDirectory(cache: string, name: string, copyOf?: string): Promise<string> {
  const directory = join(cache, "scratch", name);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  if (copyOf !== undefined) await cp(copyOf, directory, { recursive: true });
  return directory;
}

/** Puts a finished binary in its place in one step: whoever finds it there finds it whole. */
export async function place(finished: string, path: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await rename(finished, path);
}
