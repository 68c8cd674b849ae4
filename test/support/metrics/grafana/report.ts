/** What the tests of panels need: the dashboards as they are published, and problems as text. */
import {
  allDashboards,
  formatDashboard,
} from "../../../../components/observability/dashboards/dashboards.ts";
import type { DashboardJson } from "./dashboard.ts";
import type { Asked } from "./walk.ts";

/** The dashboards that people import. */
export const DASHBOARDS: readonly DashboardJson[] = allDashboards().map(
  (dashboard) => JSON.parse(formatDashboard(dashboard)) as DashboardJson,
);

export function findDashboard(uid: string): DashboardJson {
  const found = DASHBOARDS.find((one) => one.uid === uid);
  if (!found) throw new Error(`there is no dashboard ${uid}`);
  return found;
}

/** The problems of all answers, each with its panel. */
export function listProblems(asked: readonly Asked[]): string[] {
  return asked.flatMap(({ path, problems }) => problems.map((problem) => `${path}: ${problem}`));
}
