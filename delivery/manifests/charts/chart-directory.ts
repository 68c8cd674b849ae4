/** Finds charts in a directory of folders (`linkerd-crds/`) or archives (`linkerd-crds-2026.8.3.tgz`). */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import type { PinnedChart } from "./chart-pin.ts";

/** The path of the chart, or why the directory does not have it: a clause after its quoted path. */
export type FoundChart = { readonly path: string } | { readonly problem: string };

/** Finds a chart of the pinned version. As in `locateChart`, an archive precedes a folder. */
export function findInDirectory(directory: string, { name, version }: PinnedChart): FoundChart {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    return { problem: existsSync(directory) ? "which is not a directory" : "which does not exist" };
  }
  const archive = resolve(directory, formatArchive(name, version));
  if (existsSync(archive)) return { path: archive };
  const folder = join(resolve(directory), name);
  const manifest = join(folder, "Chart.yaml");
  if (existsSync(manifest)) {
    const found = String(parse(readFileSync(manifest, "utf8")).version);
    return found === version ? { path: folder } : { problem: `whose ${name}/ has version ${found}` };
  }
  const archives = readdirSync(directory).filter((entry) => entry.startsWith(`${name}-2`));
  return { problem: archives.length > 0 ? `which has only ${archives.join(", ")}` : `which has no ${name}` };
}

/** The file name of a chart's archive, as `helm pull` writes it. */
export function formatArchive(name: string, version: string): string {
  return `${name}-${version}.tgz`;
}
