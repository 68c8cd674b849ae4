/** The files that `npm run dashboards` writes. */
import { allDashboards, formatDashboard } from "../../components/observability/dashboards/dashboards.ts";
import { rules } from "../../components/observability/rules/rules.ts";
import { formatRuleFile, RULE_FILE } from "./rule-file.ts";
import { generateUsedSeries } from "./used-series-file.ts";

/** The folder with one file for each dashboard. Other files in it are out of date. */
export const DASHBOARDS_FOLDER = "dashboards";

/** For each file, by its path in the repository, its content. */
export function generateFiles(): Record<string, string> {
  const dashboards = allDashboards();
  const groups = rules();
  return {
    ...Object.fromEntries(
      dashboards.map((dashboard) => [
        `${DASHBOARDS_FOLDER}/${dashboard.uid}.json`,
        formatDashboard(dashboard),
      ]),
    ),
    [RULE_FILE]: formatRuleFile(groups),
    "components/observability/series/used-series.ts": generateUsedSeries(dashboards, groups),
  };
}
