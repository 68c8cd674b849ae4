/** Which charts, which version, and where Helm gets them. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** Linkerd's charts by their names in its repository, and what settings call each of them. */
export const CHART_KEYS = {
  "linkerd-crds": "crds",
  "linkerd2-cni": "cni",
  "linkerd-control-plane": "controlPlane",
  "linkerd-viz": "viz",
} as const;

export type ChartName = keyof typeof CHART_KEYS;

/** The version that this release of the project was tested with: chart `2026.8.3` is Linkerd `edge-26.8.3`. */
export const DEFAULT_CHART_VERSION = "2026.8.3";

/** Where Linkerd's makers publish their charts (linkerd.io, "Installing Linkerd with Helm"). */
export const DEFAULT_CHART_SOURCE = "https://helm.linkerd.io/edge";

/** A pinned version, and where it is. */
export interface ChartPin {
  /** Chart version, exact: `YYYY.M.N`. @default that of all, {@link DEFAULT_CHART_VERSION} */
  version?: string | undefined;
  /**
   * A Helm repository (`https://…`), an OCI registry path (`oci://…`), or a directory that holds the charts
   * as folders (`linkerd-crds/`) or archives (`linkerd-crds-2026.8.3.tgz`).
   * @default that of all, {@link DEFAULT_CHART_SOURCE}
   */
  source?: string | undefined;
}

/** Linkerd's charts: one version and source for all, and for each another where it has its own. */
export interface LinkerdCharts extends ChartPin {
  /** linkerd-crds. Never older than the control plane. */
  crds?: ChartPin | undefined;
  /** linkerd-control-plane */
  controlPlane?: ChartPin | undefined;
  /** linkerd-viz */
  viz?: ChartPin | undefined;
  /** linkerd2-cni */
  cni?: ChartPin | undefined;
}

/** What counts for one chart: what is said of it alone, else what is said of all. */
export function chartPin(name: ChartName, charts: LinkerdCharts): { version: string; source: string } {
  const own = charts[CHART_KEYS[name]];
  return {
    version: own?.version ?? charts.version ?? DEFAULT_CHART_VERSION,
    source: own?.source ?? charts.source ?? DEFAULT_CHART_SOURCE,
  };
}

/** How Helm is told where a chart is: part of `helm.v3.ReleaseArgs`. */
export interface ChartLocation {
  chart: string;
  version: string;
  repositoryOpts?: { repo: string };
}

/** The kind of a chart source, by its spelling. */
export function sourceKind(source: string): "repository" | "registry" | "directory" {
  if (/^https?:\/\//.test(source)) return "repository";
  return source.startsWith("oci://") ? "registry" : "directory";
}

/** Where Helm finds the chart `name`. */
export function locateChart(name: ChartName, charts: LinkerdCharts): ChartLocation {
  const { version, source } = chartPin(name, charts);
  switch (sourceKind(source)) {
    case "repository":
      return { chart: name, version, repositoryOpts: { repo: source } };
    case "registry":
      return { chart: `${source.replace(/\/$/, "")}/${name}`, version };
    case "directory": {
      const archive = resolve(source, `${name}-${version}.tgz`);
      return { chart: existsSync(archive) ? archive : join(resolve(source), name), version };
    }
  }
}

/** Linkerd's own name of a chart version: `2026.8.3` is `edge-26.8.3`. */
export function linkerdVersion(chartVersion: string): string {
  return `edge-${chartVersion.replace(/^20/, "")}`;
}

/** Whether a chart version `YYYY.M.N` was published before another. */
export function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, "en", { numeric: true }) < 0;
}
