/** Chart archives of several versions in one directory, as a team that upgrades Linkerd has them. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { linkerdVersion } from "../../components/linkerd/charts/charts.ts";
import { listVersions, useStandIns } from "../../sandbox/charts.ts";

/** Linkerd 2.19, Linkerd 2.20, and the edge release that this release of linkerd-mesh is tested with. */
const VERSIONS = ["2025.10.7", "2026.6.3", "2026.8.3"];

/** A directory of chart archives, and their versions, oldest first. */
interface Archives {
  directory: string;
  versions: string[];
}

/** Returns the directory in `LINKERD_CHARTS` if it contains more than one version, else stand-in charts. */
export function provideSeveralVersions(): Archives {
  const given = process.env.LINKERD_CHARTS;
  if (given && listVersions(given).length > 1)
    return { directory: resolve(given), versions: listVersions(given) };
  return { directory: standInArchives(VERSIONS), versions: VERSIONS };
}

/**
 * Packs the stand-in charts once per version, and returns the directory of the archives. Only `Chart.yaml` and
 * `values.yaml` contain the version.
 */
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
