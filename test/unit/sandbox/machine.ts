/** A machine for one test: its own cache, its own PATH, and a mirror on loopback. */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { catalog, type ReleasedTool, type Tool, type ToolName } from "../../../sandbox/tools/catalog.ts";
import type { Progress } from "../../../sandbox/tools/index.ts";
import { detectPlatform } from "../../../sandbox/tools/platform.ts";

export interface Machine {
  readonly directory: string;
  /** Puts a shell script on PATH, and returns its path. */
  addCommand(name: string, script: string): string;
  /** The lines that were printed. */
  readonly printed: string[];
  readonly progress: Progress;
}

export function createMachine(): Machine {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
  const bin = join(directory, "bin");
  mkdirSync(bin);
  vi.stubEnv("XDG_CACHE_HOME", join(directory, "cache"));
  vi.stubEnv("PATH", bin);
  // Nothing listens on port 1 of loopback, so that no test reaches a release site.
  vi.stubEnv("LINKERD_MESH_MIRROR", "http://127.0.0.1:1");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true, force: true });
  });
  const printed: string[] = [];
  return {
    directory,
    printed,
    progress: {
      print: (line) => void printed.push(line),
      track: (title, work) => {
        printed.push(title);
        return work();
      },
    },
    addCommand(name, script) {
      const path = join(bin, name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
      return path;
    },
  };
}

export function findTool<Name extends ToolName>(name: Name): Tool<Name> {
  const found = catalog.find((one) => one.name === name);
  if (!found) throw new Error(`the catalog has no ${name}`);
  return { ...found, name };
}

/** Serves `files` (`host/path` to content) on loopback, and sets LINKERD_MESH_MIRROR to that server. */
export async function startMirror(files: Record<string, string | Buffer>): Promise<void> {
  const server = createServer((request, response) => {
    const content = files[request.url?.slice(1) ?? ""];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  vi.stubEnv("LINKERD_MESH_MIRROR", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  onTestFinished(() => void server.close());
}

/** Creates the files of a tool's release: the tool, and its checksum as its publisher provides it. */
export function createRelease(
  tool: ReleasedTool,
  content: string | Buffer,
  sum = sha256(content),
): Record<string, string | Buffer> {
  const release = tool.release(detectPlatform());
  if (!release) throw new Error(`${tool.name} has no release for this platform`);
  const file = release.url.split("/").at(-1);
  const sums = release.sums.startsWith("https://api.github.com/")
    ? JSON.stringify({ assets: [{ name: file, digest: `sha256:${sum}` }] })
    : `${sum}  ${file}\n`;
  return { [release.url.slice(8)]: content, [release.sums.slice(8)]: sums };
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
