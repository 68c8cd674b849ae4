/** All dashboards. */
import { applicationsDashboard } from "./applications/applications.ts";
import { meshHealthDashboard } from "./mesh-health/mesh-health.ts";
import type { Dashboard } from "./parts/sdk-types.ts";
import { vizDashboards } from "./viz-links.ts";

/** *Applications*, *Mesh health*, and the copies of *Applications* for the links of viz. */
export function allDashboards(): Dashboard[] {
  return [applicationsDashboard(), meshHealthDashboard(), ...vizDashboards()];
}

/** The JSON of a dashboard, as a file of this project. The same dashboard always has the same text. */
export function formatDashboard(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

/** A dashboard as Grafana loads it. */
export interface RenderedDashboard {
  /** Its UID without prefixes, e.g. `applications`. */
  readonly name: string;
  readonly uid: string;
  readonly title: string;
  /** On one line. The same dashboard always has the same text. */
  readonly json: string;
}

/** {@link renderDashboards} */
export interface RenderOptions {
  /** Whether to include the copies for the links of viz. */
  readonly hasVizLinks: boolean;
  /** Prefix of all UIDs, also in the links between dashboards. @default none */
  readonly uidPrefix?: string | undefined;
}

/** The dashboards for one Grafana. */
export function renderDashboards({ hasVizLinks, uidPrefix = "" }: RenderOptions): RenderedDashboard[] {
  const dashboards = hasVizLinks ? allDashboards() : [applicationsDashboard(), meshHealthDashboard()];
  const prefixLink = (key: string, value: unknown) =>
    key === "url" && typeof value === "string" ? value.replace(/^\/d\//, `/d/${uidPrefix}`) : value;
  return dashboards.map((dashboard) => {
    const { uid: own = "", title = own } = dashboard;
    const uid = `${uidPrefix}${own}`;
    const json = JSON.stringify({ ...dashboard, uid }, prefixLink);
    return { name: own.replace(/^linkerd-/, ""), uid, title, json };
  });
}
