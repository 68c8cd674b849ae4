/** Which charts a sandbox installs: real ones where they can be had, stand-ins of our own otherwise. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { DEFAULT_CHART_SOURCE, DEFAULT_CHART_VERSION, isOlder } from "../components/linkerd/charts/charts.ts";

const STAND_INS = join(import.meta.dirname, "charts");

/** A repository that does not answer within this is not asked again: a sandbox must start without one. */
const TIMEOUT_MS = 3_000;

/** Settings of the program, and how a person is told about them. */
export interface SandboxCharts {
  readonly settings: { chartSource: string; chartVersion: string };
  readonly description: string;
}

/** The directory that `LINKERD_CHARTS` names, else the charts' repository if it answers, else the stand-ins. */
export async function chooseCharts(): Promise<SandboxCharts> {
  const named = process.env.LINKERD_CHARTS;
  if (named) {
    const chartVersion = newestIn(resolve(named));
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
  return standIns();
}

/** The charts of our own. */
export function standIns(): SandboxCharts {
  const chartVersion = newestIn(STAND_INS);
  return {
    settings: { chartSource: STAND_INS, chartVersion },
    description: `stand-in charts of our own, as the repository does not answer; real ones with LINKERD_CHARTS=<directory>`,
  };
}

/** Versions of the charts in a directory of folders (`linkerd-crds/`) or archives (`linkerd-crds-*.tgz`), oldest first. */
export function versionsIn(directory: string): string[] {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(directory)
    .flatMap((entry) => {
      const [, archived] = /^linkerd-crds-(.+)\.tgz$/.exec(entry) ?? [];
      if (archived) return [archived];
      if (entry !== "linkerd-crds") return [];
      return [String(parse(readFileSync(join(directory, entry, "Chart.yaml"), "utf8")).version)];
    })
    .sort((a, b) => (isOlder(a, b) ? -1 : 1));
}

function newestIn(directory: string): string {
  const newest = versionsIn(directory).at(-1);
  if (newest !== undefined) return newest;
  throw new Error(
    `LINKERD_CHARTS: ${directory} holds no Linkerd charts. ` +
      "Expected a directory with linkerd-crds/ or linkerd-crds-<version>.tgz and the other charts beside it.",
  );
}

async function repositoryAnswers(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    return (await fetch(`${DEFAULT_CHART_SOURCE}/index.yaml`, { method: "HEAD", signal })).ok;
  } catch {
    return false;
  }
}
