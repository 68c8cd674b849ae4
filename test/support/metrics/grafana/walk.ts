/** Sends every query of a dashboard to Prometheus, as Grafana does, and finds answers that a panel should not show. */
import type { Answer, Api, Sample } from "../api.ts";
import { type DashboardJson, listQueries, type PanelQuery } from "./dashboard.ts";
import { interpolate, type TimeSettings } from "./interpolate.ts";
import { resolveVariables, type Selection } from "./variables.ts";

export interface WalkOptions {
  readonly api: Api;
  /** End of the time range, in Unix seconds. */
  readonly now: number;
  readonly time: TimeSettings;
  readonly selection: Selection;
}

export interface Asked extends PanelQuery {
  /** The query without variables. */
  readonly interpolated: string;
  readonly answer: Answer;
  /** Why a panel should not show the answer. */
  readonly problems: readonly Problem[];
}

export type Problem =
  | "empty"
  | "not a number"
  | "several series with one legend"
  | "label exported_*"
  | `warning: ${string}`
  | `info: ${string}`;

export interface Walk {
  readonly asked: readonly Asked[];
  /** The options of each variable that Prometheus answers. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

export async function walkDashboard(dashboard: DashboardJson, options: WalkOptions): Promise<Walk> {
  const { api, now, time, selection } = options;
  const variables = await resolveVariables(dashboard, selection, api, time);
  const asked: Asked[] = [];
  for (const query of listQueries(dashboard)) {
    const interpolated = interpolate(query.expr, variables.values, time);
    const answer = query.target.instant
      ? await api.query(interpolated, now)
      : await api.queryRange(interpolated, now - time.range, now, time.interval);
    asked.push({ ...query, interpolated, answer, problems: findProblems(query, answer) });
  }
  return { asked: findDoubleLegends(asked), options: variables.options };
}

function findProblems(_query: PanelQuery, { samples, warnings, infos }: Answer): Problem[] {
  const problems: Problem[] = [];
  if (samples.length === 0) problems.push("empty");
  if (samples.some(({ points }) => points.some(([, value]) => Number.isNaN(value))))
    problems.push("not a number");
  if (samples.some(({ metric }) => Object.keys(metric).some((label) => label.startsWith("exported_")))) {
    problems.push("label exported_*");
  }
  return [
    ...problems,
    ...warnings.map((text): Problem => `warning: ${text}`),
    ...infos.map((text): Problem => `info: ${text}`),
  ];
}

/** Two lines with one name cannot be distinguished. The queries of a table are columns, so each is looked at alone. */
function findDoubleLegends(asked: readonly Asked[]): Asked[] {
  const counts = new Map<unknown, Map<string, number>>();
  const scope = ({ panel, target }: Asked) => (panel.type === "table" ? target : panel);
  for (const one of asked) {
    const legends = counts.get(scope(one)) ?? new Map<string, number>();
    for (const sample of one.answer.samples) {
      const legend = formatLegend(one, sample);
      legends.set(legend, (legends.get(legend) ?? 0) + 1);
    }
    counts.set(scope(one), legends);
  }
  return asked.map((one) => {
    const legends = counts.get(scope(one));
    const double = one.answer.samples.some((sample) => (legends?.get(formatLegend(one, sample)) ?? 0) > 1);
    return double ? { ...one, problems: [...one.problems, "several series with one legend"] } : one;
  });
}

/** The name of a series in a legend. Without a format, and in a table, all labels name it. */
export function formatLegend({ panel, target }: PanelQuery, { metric }: Sample): string {
  if (!target.legendFormat || panel.type === "table") return JSON.stringify(Object.entries(metric).sort());
  return target.legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_whole, label: string) => metric[label] ?? "");
}
