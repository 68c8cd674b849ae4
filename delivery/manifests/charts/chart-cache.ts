/** The cache of charts from repositories and registries, so that a second run needs no network. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { sourceKind } from "../../../components/linkerd/charts/charts.ts";
import { getCacheDirectory } from "../../../sandbox/tools/cache.ts";
import { withoutCredentials } from "../../../stacks/secrets/credentials.ts";
import { type Helm, HelmError } from "../helm.ts";
import { ManifestsError } from "../manifests-error.ts";
import { formatArchive } from "./chart-directory.ts";
import type { PinnedChart } from "./chart-pin.ts";

/** A chart whose source is a repository or a registry. */
type RemoteChart = PinnedChart & { readonly source: string };

/** The directory of the cached archives: `~/.cache/linkerd-mesh/charts`, or below `XDG_CACHE_HOME`. */
export function getChartCache(): string {
  return join(getCacheDirectory(), "charts");
}

/**
 * Returns the path of a chart's archive in the cache, and pulls it first if it is not there. Helm reads the login of a
 * registry where Pulumi's provider does: in Helm's and Docker's configuration.
 *
 * Throws a {@link ManifestsError} if the source does not answer, or does not have the chart.
 */
export async function obtainChart(helm: Helm, cache: string, chart: RemoteChart): Promise<string> {
  const directory = join(cache, formatDirectory(chart.source));
  const archive = join(directory, formatArchive(chart.name, chart.version));
  if (existsSync(archive)) return archive;
  await mkdir(directory, { recursive: true });
  // Moved into place in one step, so that an archive in the cache is always complete.
  const scratch = await mkdtemp(join(directory, ".pull-"));
  try {
    await helm(["pull", ...formatLocation(chart), "--version", chart.version, "--destination", scratch]);
    await rename(join(scratch, formatArchive(chart.name, chart.version)), archive);
  } catch (error) {
    if (error instanceof HelmError) throw describeFailure(chart, error);
    throw error;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return archive;
}

/** A source as the name of a directory, without its scheme. */
function formatDirectory(source: string): string {
  return withoutCredentials(source)
    .replace(/^\w+:\/\//, "")
    .replaceAll(/[^\w.-]+/g, "_");
}

/** The arguments that name a chart in Helm's commands. */
function formatLocation({ name, source }: RemoteChart): string[] {
  return sourceKind(source) === "registry"
    ? [`${source.replace(/\/$/, "")}/${name}`]
    : [name, "--repo", source];
}

function describeFailure(chart: RemoteChart, error: HelmError): ManifestsError {
  const [line = ""] = error.message.split("\n").reverse();
  const shown = { ...chart, source: withoutCredentials(chart.source) };
  const pull = `helm pull ${formatLocation(shown).join(" ")} --version ${chart.version} --destination <directory>`;
  return new ManifestsError(
    "chartSource",
    {
      reason: `must be a source that answers, or whose ${chart.name} ${chart.version} is cached`,
      got: JSON.stringify(shown.source),
      because: `Helm reports: ${withoutCredentials(line.replace(/^Error: /, "")).replace(/\.$/, "")}`,
    },
    [`run \`${pull}\` for each chart where the source answers, and add --charts <directory>`],
  );
}
