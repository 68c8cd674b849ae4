import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { downloadedPath, place, scratchDirectory } from "./cache.ts";
import type { Tool } from "./catalog.ts";
import { publishedChecksum } from "./checksum.ts";
import { fetchFile, fetchText, mirrored, Unavailable } from "./fetch.ts";
import type { Platform } from "./platform.ts";
import type { Progress } from "./progress.ts";
import type { Release } from "./releases.ts";

/**
 * Downloads what can be had of `tools`, each checked against its published checksum; tools that cannot be had
 * are left out. A file that does not match its checksum ends everything: no other way makes up for that.
 */
export async function download(
  tools: readonly Tool[],
  platform: Platform,
  cache: string,
  report: Progress,
): Promise<Map<Tool, string>> {
  const obtained = new Map<Tool, string>();
  const available: { tool: Tool; release: Release; sum: string }[] = [];
  const missing: string[] = [];
  // All sites are asked at once, so that several which do not answer cost no more time than one.
  await Promise.all(
    tools.map(async (tool) => {
      const release = tool.release(platform);
      if (!release) return;
      try {
        available.push({ tool, release, sum: await checksumOf(release) });
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        missing.push(error.message);
      }
    }),
  );
  for (const { tool, release, sum } of available) {
    const path = downloadedPath(cache, tool, platform);
    const title = `${tool.name} ${tool.version}: downloading`;
    try {
      await report.during(title, () => downloadTo(path, tool.name, release, sum, cache));
      obtained.set(tool, path);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      missing.push(error.message);
    }
  }
  for (const message of new Set(missing)) report.say(`  not downloaded: ${message}`);
  return obtained;
}

async function checksumOf(release: Release): Promise<string> {
  const file = basename(release.url);
  const sum = publishedChecksum(await fetchText(release.sums), file);
  if (sum) return sum;
  throw new Error(
    `sandbox: ${mirrored(release.sums)} has no SHA-256 checksum of ${file}, so it is not downloaded. ` +
      "If this is a mirror, copy that file anew from its maker.",
  );
}

async function downloadTo(
  path: string,
  name: string,
  release: Release,
  sum: string,
  cache: string,
): Promise<void> {
  const directory = await scratchDirectory(cache, `download-${name}`);
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
        `sandbox: ${mirrored(release.url)} is not what its maker published, and is refused. ` +
          `Expected SHA-256 ${sum}; given ${given}. Try again; if it stays so, the site or mirror cannot be trusted.`,
      );
    }
    const binary = await unpack(file, directory, name);
    await chmod(binary, 0o755);
    await place(binary, path);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The binary inside an archive, at whatever depth its maker put it; or the file itself if it is none. */
async function unpack(file: string, directory: string, name: string): Promise<string> {
  if (!/\.(tar\.gz|zip)$/.test(file)) return file;
  // macOS, the only platform with zip archives here, has a `tar` that unpacks them.
  await promisify(execFile)("tar", ["-xf", file, "-C", directory]);
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === name);
  if (!found) throw new Error(`sandbox: there is no ${name} in ${basename(file)}`);
  return join(found.parentPath, found.name);
}
