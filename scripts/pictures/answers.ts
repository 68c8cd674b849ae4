/** Queries Prometheus for everything that a dashboard shows. `docs/pictures/page/answers.ts` has the type of the result. */
import type { Api } from "../../test/support/metrics/api.ts";
import type { DashboardJson, PanelJson, VariableJson } from "../../test/support/metrics/grafana/dashboard.ts";
import { formatLegend, walkDashboard } from "../../test/support/metrics/grafana/walk.ts";

export interface TimeRange {
  /** In Unix seconds. */
  readonly start: number;
  readonly end: number;
  /** Seconds between two scrapes, and between two points of a line. */
  readonly step: number;
}

/** Throws if a panel is empty, or shows something that a panel should not show. */
export async function queryDashboard(dashboard: DashboardJson, api: Api, { start, end, step }: TimeRange) {
  const time = { range: end - start, interval: step, scrapeInterval: step };
  const { asked } = await walkDashboard(dashboard, { api, now: end, time, selection: {} });
  const problems = asked.flatMap(({ path, problems }) => problems.map((problem) => `${path}: ${problem}`));
  if (problems.length > 0) throw new Error(`The pictures would not be right:\n${problems.join("\n")}`);
  const answers: Record<number, object[]> = {};
  for (const query of asked) {
    const { refId, format } = query.target;
    const series = query.answer.samples.map((sample) => ({
      labels: sample.metric,
      legend: formatLegend(query, sample),
      points: sample.points,
    }));
    const { id } = query.panel as PanelJson & { readonly id: number };
    answers[id] = [...(answers[id] ?? []), { refId, table: format === "table", series }];
  }
  return { dashboard, variables: describeVariables(dashboard.templating.list), answers, start, end, step };
}

interface ShownVariable extends VariableJson {
  readonly label?: string;
  /** 2: Grafana does not show it. */
  readonly hide?: number;
  readonly current?: { readonly text: string | readonly string[] };
}

/** The selection with which the dashboard opens. */
function describeVariables(variables: readonly ShownVariable[]) {
  return variables
    .filter(({ hide }) => hide !== 2)
    .map(({ name, label = name, type, current }) => ({
      label,
      text: type === "datasource" ? "Prometheus" : [current?.text ?? ""].flat().join(" + "),
    }));
}
