/** Decides where the chart of a release is read from. */
import { resolve } from "node:path";
import { sourceKind } from "../../../components/linkerd/charts/charts.ts";
import { ROOT } from "../../program/stack-files.ts";
import type { Helm } from "../helm.ts";
import { ManifestsError } from "../manifests-error.ts";
import { obtainChart } from "./chart-cache.ts";
import { findInDirectory, formatArchive } from "./chart-directory.ts";
import type { PinnedChart } from "./chart-pin.ts";

/** A directory of charts that the user names, and the option or variable that names it. */
export interface ChartDirectory {
  readonly option: "--charts" | "LINKERD_CHARTS" | "chartSource";
  readonly path: string;
}

/** Returns the path of a chart for Helm. Throws a {@link ManifestsError} if the chart is not available. */
export type FindChart = (chart: PinnedChart) => Promise<string>;

/**
 * Finds charts in the directory of `--charts`, else of `LINKERD_CHARTS`, else in the source that the stack pins: a
 * directory, or a repository by way of the cache.
 */
export function createFindChart(
  helm: Helm,
  cache: string,
  { charts, env = process.env }: { charts?: string | undefined; env?: NodeJS.ProcessEnv } = {},
): FindChart {
  const given = charts
    ? ({ option: "--charts", path: charts } as const)
    : env.LINKERD_CHARTS
      ? ({ option: "LINKERD_CHARTS", path: env.LINKERD_CHARTS } as const)
      : undefined;
  return async (chart) => {
    if (given !== undefined) return requireChart(given, chart);
    const { source } = chart;
    if (source === undefined) throw describeSecretSource(chart);
    if (sourceKind(source) === "directory") {
      // A recording has paths in the repository without the repository's own.
      return requireChart({ option: "chartSource", path: resolve(ROOT, source) }, chart);
    }
    return obtainChart(helm, cache, { ...chart, source });
  };
}

function requireChart({ option, path }: ChartDirectory, chart: PinnedChart): string {
  const found = findInDirectory(path, chart);
  if ("path" in found) return found.path;
  const { name, version } = chart;
  throw new ManifestsError(
    option,
    {
      reason: `must be a directory with ${formatArchive(name, version)} or ${name}/ of that version`,
      got: `${JSON.stringify(path)}, ${found.problem}`,
    },
    [
      option === "LINKERD_CHARTS"
        ? "export LINKERD_CHARTS=<directory>"
        : "npm run manifests -- --stack <stack> --charts <directory>",
    ],
  );
}

function describeSecretSource({ name, version }: PinnedChart): ManifestsError {
  return new ManifestsError(
    "--charts",
    {
      reason: `must be a directory with ${formatArchive(name, version)}`,
      got: "nothing",
      because: "The source of this chart or its login is a secret, which this command does not read",
    },
    [
      `pull each chart with \`helm pull <chart> --repo <chartSource> --version ${version} --destination <directory>\`, ` +
        "and add --charts <directory>",
    ],
  );
}
