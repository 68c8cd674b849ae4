import { delimiter, dirname, join } from "node:path";
import { build, goModules } from "./build.ts";
import { getBuildPath, getCacheDirectory, getDownloadPath, isExecutable } from "./cache.ts";
import { catalog, type ReleasedTool, type Tool, type ToolName } from "./catalog.ts";
import { download } from "./download.ts";
import { withLock } from "./lock.ts";
import { findOnPath, type OnPath } from "./on-path.ts";
import { detectPlatform, type Platform } from "./platform.ts";
import type { Progress } from "./progress.ts";

export type { ReleasedTool, ToolName } from "./catalog.ts";
export { type MetricsToolName, metricsTools } from "./metrics-tools.ts";
export { createProgress, type Progress } from "./progress.ts";
export { workflowTools } from "./workflow-tools.ts";

export interface Tools<Name extends string = ToolName> {
  readonly paths: Readonly<Record<Name, string>>;
  /** PATH with the tools first, for processes that find them by name, as the engine finds its providers. */
  readonly searchPath: string;
}

/**
 * Obtains the tools, by default those of the sandbox: on PATH if its version is accepted, else in the cache, else from its release site (or the
 * mirror in `LINKERD_MESH_MIRROR`), else built from pinned Go modules.
 */
export async function obtainTools(progress: Progress): Promise<Tools>;
export async function obtainTools<Name extends string>(
  progress: Progress,
  tools: readonly Tool<Name>[],
): Promise<Tools<Name>>;
export async function obtainTools(
  progress: Progress,
  tools: readonly Tool[] = catalog,
): Promise<Tools<string>> {
  const platform = detectPlatform();
  const cache = getCacheDirectory();
  const paths = new Map<Tool, string>();
  const onPath = new Map<Tool, OnPath>();
  await Promise.all(tools.map(async (tool) => onPath.set(tool, await findOnPath(tool))));
  for (const [tool, found] of onPath) if (found && "path" in found) paths.set(tool, found.path);

  const findMissing = () => tools.filter((tool) => !paths.has(tool));
  await addCached(paths, findMissing(), cache, platform);
  if (findMissing().length > 0) {
    for (const tool of findMissing()) {
      const found = onPath.get(tool);
      if (found && "rejected" in found) progress.print(`  not used: ${found.rejected}`);
    }
    await withLock(
      join(cache, "tools"),
      async () => {
        // The previous holder of the lock may have obtained them.
        await addCached(paths, findMissing(), cache, platform);
        for (const [tool, path] of await download(findMissing(), platform, cache, progress)) {
          paths.set(tool, path);
        }
        if (findMissing().length === 0) return;
        await build(findMissing(), platform, cache, progress);
        await addCached(paths, findMissing(), cache, platform);
      },
      (pid) => progress.print(`Waiting for process ${pid}, which is obtaining the tools.`),
    );
  }

  // The directories of tools on PATH are not repeated: each would precede the directories before it.
  const cached = [...paths.values()].filter((path) => path.startsWith(cache)).map(dirname);
  return {
    paths: Object.fromEntries([...paths].map(([tool, path]) => [tool.name, path])),
    searchPath: [...cached, process.env.PATH].join(delimiter),
  };
}

/**
 * Obtains a tool that is only downloaded: from the cache, else from its release site or the mirror, with a verified
 * checksum. Returns its path.
 */
export async function obtainRelease(progress: Progress, tool: ReleasedTool): Promise<string> {
  const platform = detectPlatform();
  const cache = getCacheDirectory();
  return withLock(
    join(cache, "tools"),
    async () => {
      const path = getDownloadPath(cache, tool, platform);
      if (await isExecutable(path)) return path;
      const downloaded = (await download([tool], platform, cache, progress)).get(tool);
      if (downloaded !== undefined) return downloaded;
      const site = tool.release(platform)?.url ?? `a release for ${platform.os} ${platform.arch}`;
      throw new Error(
        `${tool.name}: must be available at ${site}, got no answer. Fix: allow connections to this site, or set ` +
          "LINKERD_MESH_MIRROR to the URL of a mirror.",
      );
    },
    (pid) => progress.print(`Waiting for process ${pid}, which is obtaining the tools.`),
  );
}

async function addCached(
  paths: Map<Tool, string>,
  tools: readonly Tool[],
  cache: string,
  platform: Platform,
): Promise<void> {
  for (const tool of tools) {
    const sources = join(goModules, tool.build.module.name);
    const candidates = [
      getDownloadPath(cache, tool, platform),
      await getBuildPath(cache, tool, sources, platform),
    ];
    for (const path of candidates) {
      if (!paths.has(tool) && (await isExecutable(path))) paths.set(tool, path);
    }
  }
}
