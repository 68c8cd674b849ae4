/** Charts of several versions, as a team has them that upgrades: archives in one directory. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { linkerdVersion } from "../../components/linkerd/charts/charts.ts";
import { listVersions, useStandIns } from "../../sandbox/charts.ts";

/** Linkerd 2.19, 2.20 and the edge that this release was tested with. */
const VERSIONS = ["2025.10.7", "2026.6.3", "2026.8.3"];

/** A directory of archives, and the versions in it, oldest first. */
export interface Archives {
  directory: string;
  versions: string[];
}

/** The directory that `LINKERD_CHARTS` names, where it holds more than one version; else stand-ins. */
export function severalVersions(): Archives {
  const named = process.env.LINKERD_CHARTS;
  if (named && listVersions(named).length > 1)
    return { directory: resolve(named), versions: listVersions(named) };
  return { directory: standInArchives(VERSIONS), versions: VERSIONS };
}

/** Our stand-ins as if they were of these versions: theirs is said in `Chart.yaml` and `values.yaml` alone. */
export function standInArchives(versions: readonly string[]): string {
  const { chartSource, chartVersion: own } = useStandIns().settings;
  const directory = mkdtempSync(join(tmpdir(), "linkerd-charts-"));
  const charts = readdirSync(chartSource, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const version of versions) {
    const folder = join(directory, version);
    mkdirSync(folder);
    for (const { name } of charts) {
      cpSync(join(chartSource, name), join(folder, name), { recursive: true });
      for (const file of ["Chart.yaml", "values.yaml"].map((each) => join(folder, name, each))) {
        const text = readFileSync(file, "utf8");
        writeFileSync(
          file,
          text.replaceAll(linkerdVersion(own), linkerdVersion(version)).replaceAll(own, version),
        );
      }
      execFileSync("tar", ["-czf", join(directory, `${name}-${version}.tgz`), "-C", folder, name]);
    }
    rmSync(folder, { recursive: true });
  }
  return directory;
}
