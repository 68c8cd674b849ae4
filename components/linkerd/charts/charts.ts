/** Linkerd's charts: their names, their versions, and where Helm finds them. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** Linkerd's charts: the name in its repository, and the key in {@link LinkerdCharts}. */
export const CHART_KEYS = {
  "linkerd-crds": "crds",
  "linkerd2-cni": "cni",
  "linkerd-control-plane": "controlPlane",
  "linkerd-viz": "viz",
} as const;

/** The name of a chart in Linkerd's repository. */
export type ChartName = keyof typeof CHART_KEYS;

/** The chart version that this release of the project was tested with: `2026.8.3` is Linkerd `edge-26.8.3`. */
export const DEFAULT_CHART_VERSION = "2026.8.3";

/** The repository to which Linkerd publishes its charts (linkerd.io, "Installing Linkerd with Helm"). */
export const DEFAULT_CHART_SOURCE = "https://helm.linkerd.io/edge";

/** The login of a Helm repository (HTTP basic authentication). Both values are stored as secrets. */
export interface ChartCredentials {
  username: pulumi.Input<string>;
  password: pulumi.Input<string>;
}

/** The version of a chart and its source. */
export interface ChartPin {
  /** Exact chart version, `YYYY.M.N`. @default the version for all charts, `2026.8.3` */
  version?: string | undefined;
  /**
   * A Helm repository (`https://…`), an OCI registry path (`oci://…`), or a directory that holds the charts
   * as folders (`linkerd-crds/`) or archives (`linkerd-crds-2026.8.3.tgz`).
   * @default the source for all charts, `https://helm.linkerd.io/edge`
   */
  source?: string | undefined;
  /**
   * Login of the Helm repository `source`. It is sent for the index and for charts on the same host. An OCI registry
   * has its login in the registry configuration of the machine that runs Pulumi.
   * @default the login for all charts, for a chart without a source of its own
   */
  credentials?: ChartCredentials | undefined;
}

/** Version and source of Linkerd's charts: for all of them, and for each chart that differs. */
export interface LinkerdCharts extends ChartPin {
  /** linkerd-crds. Must not be older than linkerd-control-plane. */
  crds?: ChartPin | undefined;
  /** linkerd-control-plane */
  controlPlane?: ChartPin | undefined;
  /** linkerd-viz */
  viz?: ChartPin | undefined;
  /** linkerd2-cni */
  cni?: ChartPin | undefined;
}

/** The version, source and login of one chart: its own, else those for all charts. */
export function chartPin(name: ChartName, charts: LinkerdCharts): ResolvedPin {
  const own = charts[CHART_KEYS[name]];
  // The login for all charts belongs to the source for all charts, and is sent to no other.
  const common = own?.source === undefined ? charts.credentials : undefined;
  return {
    version: own?.version ?? charts.version ?? DEFAULT_CHART_VERSION,
    source: own?.source ?? charts.source ?? DEFAULT_CHART_SOURCE,
    credentials: own?.credentials ?? common,
  };
}

/** The pin of one chart, with its defaults. */
export interface ResolvedPin {
  readonly version: string;
  readonly source: string;
  readonly credentials: ChartCredentials | undefined;
}

/** A Helm repository and the login for it. */
export interface RepositoryOptions extends Partial<ChartCredentials> {
  repo: string;
}

/** The fields of `helm.v3.ReleaseArgs` that locate a chart. */
export interface ChartLocation {
  chart: string;
  version: string;
  repositoryOpts?: pulumi.Input<RepositoryOptions>;
}

/** The kind of a chart source, recognized by its prefix. */
export function sourceKind(source: string): "repository" | "registry" | "directory" {
  if (/^https?:\/\//.test(source)) return "repository";
  return source.startsWith("oci://") ? "registry" : "directory";
}

/** Locates the chart `name`. In a directory, an archive of the pinned version precedes a folder. */
export function locateChart(name: ChartName, charts: LinkerdCharts): ChartLocation {
  const { version, source, credentials } = chartPin(name, charts);
  switch (sourceKind(source)) {
    case "repository":
      return { chart: name, version, repositoryOpts: repositoryOptions(source, credentials) };
    case "registry":
      return { chart: `${source.replace(/\/$/, "")}/${name}`, version };
    case "directory": {
      const archive = resolve(source, `${name}-${version}.tgz`);
      return { chart: existsSync(archive) ? archive : join(resolve(source), name), version };
    }
  }
}

/** With a login, the object is one secret, so that the provider does not have to keep secrets inside of it. */
function repositoryOptions(
  repo: string,
  credentials: ChartCredentials | undefined,
): pulumi.Input<RepositoryOptions> {
  return credentials === undefined ? { repo } : pulumi.secret({ repo, ...credentials });
}

/** The Linkerd version of a chart version: `2026.8.3` is `edge-26.8.3`. */
export function linkerdVersion(chartVersion: string): string {
  return `edge-${chartVersion.replace(/^20/, "")}`;
}

/** Whether the chart version `version` (`YYYY.M.N`) is older than `than`. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}
