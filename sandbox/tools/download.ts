import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createScratchDirectory, getDownloadPath, moveIntoPlace } from "./cache.ts";
import type { ReleasedTool } from "./catalog.ts";
import { findChecksum } from "./checksum.ts";
import { fetchFile, fetchText, resolveMirror, Unavailable } from "./fetch.ts";
import type { Platform } from "./platform.ts";
import type { Progress } from "./progress.ts";
import type { Release } from "./releases.ts";

/**
 * Downloads tools, and checks each against its published checksum. Returns the paths of those that were available.
 * Fails if a file does not match its checksum: the tool is not built instead.
 */
export async function download<Tool extends ReleasedTool>(
  tools: readonly Tool[],
  platform: Platform,
  cache: string,
  progress: Progress,
): Promise<Map<Tool, string>> {
  const obtained = new Map<Tool, string>();
  const available: { tool: Tool; release: Release; sum: string }[] = [];
  const missing: string[] = [];
  // In parallel, so that several unreachable sites take no longer than one.
  await Promise.all(
    tools.map(async (tool) => {
      const release = tool.release(platform);
      if (!release) return;
      try {
        available.push({ tool, release, sum: await fetchChecksum(release) });
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        missing.push(error.message);
      }
    }),
  );
  for (const { tool, release, sum } of available) {
    const path = getDownloadPath(cache, tool, platform);
    const title = `${tool.name} ${tool.version}: downloading`;
    try {
      await progress.track(title, () => downloadTo(path, tool.name, release, sum, cache));
      obtained.set(tool, path);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      missing.push(error.message);
    }
  }
  for (const message of new Set(missing)) progress.print(`  not downloaded: ${message}`);
  return obtained;
}

async function fetchChecksum(release: Release): Promise<string> {
  const file = basename(release.url);
  const sum = findChecksum(await fetchText(release.sums), file);
  if (sum) return sum;
  throw new Error(
    `sandbox: ${resolveMirror(release.sums)}: must have a SHA-256 checksum of ${file}, got none. ` +
      "Fix: if this is a mirror, copy the file from its publisher again.",
  );
}

async function downloadTo(
  path: string,
  name: string,
  release: Release,
  sum: string,
  cache: string,
): Promise<void> {
  const directory = await createScratchDirectory(cache, `download-${name}`);
  try {
    const file = join(directory, basename(release.url));
    const hash = createHash("sha256");
    await pipeline(
      fetchFile(release.url),
      async function* (pieces) {
        for await (const piece of pieces) {
          hash.update(piece);
          yield piece;
        }
      },
      createWriteStream(file),
    );
    const given = hash.digest("hex");
    if (given !== sum) {
      throw new Error(
        `sandbox: ${resolveMirror(release.url)}: must have the published SHA-256 ${sum}, got ${given}. ` +
          "Fix: try again. If the error persists, do not trust the site or mirror.",
      );
    }
    const binary = await unpack(file, directory, name);
    await chmod(binary, 0o755);
    await moveIntoPlace(binary, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Unpacks an archive, and returns the binary in it, at any depth. Returns a file that is not an archive as it is. */
async function unpack(file: string, directory: string, name: string): Promise<string> {
  if (!/\.(tar\.gz|zip)$/.test(file)) return file;
  // Only macOS has releases as zip archives, and its `tar` unpacks them.
  await promisify(execFile)("tar", ["-xf", file, "-C", directory]);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === name);
  if (!found) throw new Error(`sandbox: ${basename(file)}: must contain ${name}, got an archive without it`);
  return join(found.parentPath, found.name);
}
