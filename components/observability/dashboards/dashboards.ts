/** All dashboards. */
import { applicationsDashboard } from "./applications/applications.ts";
import { meshHealthDashboard } from "./mesh-health/mesh-health.ts";
import type { Dashboard } from "./parts/sdk-types.ts";
import { vizDashboards } from "./viz-links.ts";

/** *Applications*, *Mesh health*, and the copies of *Applications* for the links of viz. */
export function allDashboards(): Dashboard[] {
  return [applicationsDashboard(), meshHealthDashboard(), ...vizDashboards()];
}

/** The JSON of a dashboard, as a file and as the value of a ConfigMap. The same dashboard always has the same text. */
export function formatDashboard(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}
