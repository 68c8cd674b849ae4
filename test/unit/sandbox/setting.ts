/** A machine for one test: its own cache, its own PATH, and a mirror on loopback. */
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished, vi } from "vitest";
import { catalog, type Tool, type ToolName } from "../../../sandbox/tools/catalog.ts";
import type { Progress } from "../../../sandbox/tools/index.ts";
import { thisPlatform } from "../../../sandbox/tools/platform.ts";

export interface Machine {
  readonly directory: string;
  /** Puts a shell script on PATH. */
  command(name: string, script: string): string;
  /** What was said, one line each. */
  readonly said: string[];
  readonly report: Progress;
}

export function machine(): Machine {
  const directory = mkdtempSync(join(tmpdir(), "sandbox-"));
  const bin = join(directory, "bin");
  mkdirSync(bin);
  vi.stubEnv("XDG_CACHE_HOME", join(directory, "cache"));
  vi.stubEnv("PATH", bin);
  // Nothing listens on port 1 of loopback: the makers' sites are never asked.
  vi.stubEnv("LINKERD_MESH_MIRROR", "http://127.0.0.1:1");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true, force: true });
  });
  const said: string[] = [];
  return {
    directory,
    said,
    report: {
      say: (line) => void said.push(line),
      during: (title, work) => {
        said.push(title);
        return work();
      },
    },
    command(name, script) {
      const path = join(bin, name);
      writeFileSync(path, `#!/bin/sh\n${script}\n`);
      chmodSync(path, 0o755);
      return path;
    },
  };
}

export function tool(name: ToolName): Tool {
  const found = catalog.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name} in the catalog`);
  return found;
}

/** Serves `files` (`host/path` to content) on loopback and names it as the mirror. */
export async function mirror(files: Record<string, string | Buffer>): Promise<void> {
  const server = createServer((request, response) => {
    const content = files[request.url?.slice(1) ?? ""];
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  vi.stubEnv("LINKERD_MESH_MIRROR", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  onTestFinished(() => void server.close());
}

/** A tool's release as its maker publishes it: the file, and GitHub's record of its checksum or a sum file. */
export function released(
  one: Tool,
  content: string | Buffer,
  sum = sha256(content),
): Record<string, string | Buffer> {
  const release = one.release(thisPlatform());
  if (!release) throw new Error(`${one.name} is not published for this platform`);
  const file = release.url.split("/").at(-1);
  const record = release.sums.startsWith("https://api.github.com/")
    ? JSON.stringify({ assets: [{ name: file, digest: `sha256:${sum}` }] })
    : `${sum}  ${file}\n`;
  return { [release.url.slice(8)]: content, [release.sums.slice(8)]: record };
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
