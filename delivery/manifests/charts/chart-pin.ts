/** Which chart a recorded release installs. */
import { dirname } from "node:path";
import { sourceKind } from "../../../components/linkerd/charts/charts.ts";
import type { RecordedResource } from "../../program/recorded-stack.ts";

/** A chart of a recorded release. */
export interface PinnedChart {
  /** Name of the chart, e.g. `linkerd-viz`. */
  readonly name: string;
  /** Exact version, `YYYY.M.N`. */
  readonly version: string;
  /** A repository, a registry path or a directory, as in the setting `chartSource`. `undefined` if it is a secret. */
  readonly source: string | undefined;
}

/** Reads the chart of a recorded release. `installChart` gives a release the name of its chart. */
export function readPin({ inputs }: RecordedResource): PinnedChart {
  return { name: String(inputs.name), version: String(inputs.version), source: readSource(inputs) };
}

function readSource({ chart, repositoryOpts }: RecordedResource["inputs"]): string | undefined {
  if (typeof repositoryOpts === "object" && repositoryOpts !== null) {
    const { repo } = repositoryOpts as { repo?: unknown };
    return typeof repo === "string" && sourceKind(repo) === "repository" ? repo : undefined;
  }
  // A repository with a login is one secret, and then `chart` is only a name.
  if (repositoryOpts !== undefined || typeof chart !== "string" || !chart.includes("/")) return undefined;
  return sourceKind(chart) === "registry" ? chart.slice(0, chart.lastIndexOf("/")) : dirname(chart);
}
