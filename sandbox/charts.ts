/** Chooses the charts that a sandbox installs: real ones if available, stand-in charts otherwise. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { DEFAULT_CHART_SOURCE, DEFAULT_CHART_VERSION, isOlder } from "../components/linkerd/charts/charts.ts";

const STAND_INS = join(import.meta.dirname, "charts");

/** A repository that does not answer within this time is not used. Milliseconds. */
const TIMEOUT = 3_000;

export interface SandboxCharts {
  /** Settings that make the program use the charts. */
  readonly settings: { chartSource: string; chartVersion: string };
  /** For the summary. */
  readonly description: string;
}

/** Chooses the directory in `LINKERD_CHARTS`, else the chart repository if it answers, else the stand-in charts. */
export async function chooseCharts(): Promise<SandboxCharts> {
  const named = process.env.LINKERD_CHARTS;
  if (named) {
    const chartVersion = findNewest(resolve(named));
    return {
      settings: { chartSource: resolve(named), chartVersion },
      description: `charts ${chartVersion} from LINKERD_CHARTS=${named}`,
    };
  }
  if (await repositoryAnswers()) {
    return {
      settings: { chartSource: DEFAULT_CHART_SOURCE, chartVersion: DEFAULT_CHART_VERSION },
      description: `charts ${DEFAULT_CHART_VERSION} from ${DEFAULT_CHART_SOURCE}`,
    };
  }
  return useStandIns();
}

/** Chooses the stand-in charts, which are part of this project. */
export function useStandIns(): SandboxCharts {
  const chartVersion = findNewest(STAND_INS);
  return {
    settings: { chartSource: STAND_INS, chartVersion },
    description:
      "stand-in charts, because the chart repository does not answer; set LINKERD_CHARTS=<directory> for real ones",
  };
}

/**
 * Lists the versions of the charts in a directory of folders (`linkerd-crds/`) or archives (`linkerd-crds-*.tgz`),
 * oldest first.
 */
export function listVersions(directory: string): string[] {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(directory)
    .flatMap((entry) => {
      const [, version] = /^linkerd-crds-(.+)\.tgz$/.exec(entry) ?? [];
      if (version) return [version];
      if (entry !== "linkerd-crds") return [];
      return [String(parse(readFileSync(join(directory, entry, "Chart.yaml"), "utf8")).version)];
    })
    .sort((a, b) => (isOlder(a, b) ? -1 : 1));
}

function findNewest(directory: string): string {
  const newest = listVersions(directory).at(-1);
  if (newest !== undefined) return newest;
  throw new Error(
    "LINKERD_CHARTS: must be a directory with linkerd-crds/ or linkerd-crds-<version>.tgz and the other charts, " +
      `got ${directory}. Fix: export LINKERD_CHARTS=<directory>`,
  );
}

async function repositoryAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    return (await fetch(`${DEFAULT_CHART_SOURCE}/index.yaml`, { method: "HEAD", signal })).ok;
  } catch {
    return false;
  }
}
