import { delimiter, dirname, join } from "node:path";
import { build, goModules } from "./build.ts";
import { builtPath, cacheDirectory, downloadedPath, isExecutable } from "./cache.ts";
import { catalog, type Tool, type ToolName } from "./catalog.ts";
import { download } from "./download.ts";
import { withLock } from "./lock.ts";
import { findOnPath, type OnPath } from "./on-path.ts";
import { type Platform, thisPlatform } from "./platform.ts";
import type { Progress } from "./progress.ts";

export type { ToolName } from "./catalog.ts";
export { type Progress, terminalProgress } from "./progress.ts";

export interface Tools {
  readonly paths: Readonly<Record<ToolName, string>>;
  /** PATH with the tools first: for processes that look them up by name, as the engine does its providers. */
  readonly searchPath: string;
}

/**
 * Finds every tool: on PATH if new enough, in the cache, on its maker's release site (or the mirror that
 * `LINKERD_MESH_MIRROR` names), or built from pinned Go modules.
 */
export async function obtainTools(report: Progress, tools: readonly Tool[] = catalog): Promise<Tools> {
  const platform = thisPlatform();
  const cache = cacheDirectory();
  const paths = new Map<Tool, string>();
  const onPath = new Map<Tool, OnPath>();
  await Promise.all(tools.map(async (tool) => onPath.set(tool, await findOnPath(tool))));
  for (const [tool, found] of onPath) if (found && "path" in found) paths.set(tool, found.path);

  const missing = () => tools.filter((tool) => !paths.has(tool));
  await addCached(paths, missing(), cache, platform);
  if (missing().length > 0) {
    for (const tool of missing()) {
      const found = onPath.get(tool);
      if (found && "rejected" in found) report.say(`  not used: ${found.rejected}`);
    }
    await withLock(
      join(cache, "tools"),
      async () => {
        // Whoever held the lock before may have obtained them.
        await addCached(paths, missing(), cache, platform);
        for (const [tool, path] of await download(missing(), platform, cache, report)) paths.set(tool, path);
        if (missing().length === 0) return;
        await build(missing(), platform, cache, report);
        await addCached(paths, missing(), cache, platform);
      },
      (pid) => report.say(`Another sandbox (process ${pid}) is obtaining the tools; waiting for it.`),
    );
  }

  // What was found on PATH is there anyway; its directory must not come before others.
  const own = [...paths.values()].filter((path) => path.startsWith(cache)).map(dirname);
  return {
    paths: Object.fromEntries([...paths].map(([tool, path]) => [tool.name, path])) as Tools["paths"],
    searchPath: [...own, process.env.PATH].join(delimiter),
  };
}

async function addCached(
  paths: Map<Tool, string>,
  tools: readonly Tool[],
  cache: string,
  platform: Platform,
): Promise<void> {
  for (const tool of tools) {
    const sources = join(goModules, tool.build.module.name);
    const places = [downloadedPath(cache, tool, platform), await builtPath(cache, tool, sources, platform)];
    for (const path of places) {
      if (!paths.has(tool) && (await isExecutable(path))) paths.set(tool, path);
    }
  }
}
