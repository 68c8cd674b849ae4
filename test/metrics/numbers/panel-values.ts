/** The numbers that the panels of a dashboard display at the end of the history of the shop. */
import { findDashboard } from "../../support/metrics/grafana/report.ts";
import type { Selection } from "../../support/metrics/grafana/variables.ts";
import { type Asked, formatLegend, walkDashboard } from "../../support/metrics/grafana/walk.ts";
import { startShop } from "../../support/metrics/servers.ts";
import { NOW, SCRAPE_INTERVAL } from "../../support/metrics/shop/facts.ts";
import type { Format, LabelStyle } from "../../support/metrics/shop/index.ts";

/** Grafana's rate interval is four scrape intervals: 2 minutes. */
const TIME = { range: 3600, interval: SCRAPE_INTERVAL, scrapeInterval: SCRAPE_INTERVAL };

/** Numbers by their legend. In a table, by the values of the labels, in the order of their columns. */
export type Numbers = Record<string, number>;

/** The numbers of `<row> / <panel>`, of all queries or, with its letter, of one. Throws an error for a panel that is not there. */
export type ReadPanel = (panel: string, refId?: string) => Numbers;

/** Sends all queries of a dashboard for a time, in Unix seconds, and returns a reader of the answers. */
export async function readDashboard(
  uid: string,
  selection: Selection = {},
  [format, style]: readonly [Format, LabelStyle] = ["edge-26.8.3", "viz"],
  now = NOW,
): Promise<ReadPanel> {
  const api = await startShop(format, style);
  const { asked } = await walkDashboard(findDashboard(uid), { api, now, time: TIME, selection });
  return readAnswers(uid, asked, now);
}

/** Returns a reader of the answers to a dashboard's queries. @param now the end of the time range, in Unix seconds */
export function readAnswers(uid: string, asked: readonly Asked[], now: number): ReadPanel {
  return (panel, refId) => {
    const queries = asked.filter(
      ({ path, target }) =>
        path === `${uid} / ${panel} ${target.refId}` && (refId === undefined || target.refId === refId),
    );
    if (queries.length === 0) throw new Error(`${uid}: has no panel ${panel} ${refId ?? ""}`);
    return merge(
      panel,
      queries.map((query) => numbersOf(query, now)),
    );
  };
}

/** Panels may have one title, such as a number and its course. What they have in common is then equal. */
function merge(panel: string, answers: readonly Numbers[]): Numbers {
  const merged: Numbers = {};
  for (const [name, value] of answers.flatMap((numbers) => Object.entries(numbers))) {
    if ((merged[name] ?? value) !== value) {
      throw new Error(`${panel}: shows ${merged[name]} and ${value} as ${name}`);
    }
    merged[name] = value;
  }
  return merged;
}

function numbersOf(asked: Asked, now: number): Numbers {
  const numbers: Numbers = {};
  for (const sample of asked.answer.samples) {
    const [time, value] = sample.points.at(-1) ?? [0, Number.NaN];
    if (time !== now) continue;
    const name = asked.panel.type === "table" ? rowName(asked, sample.metric) : formatLegend(asked, sample);
    numbers[name] = Number(value.toPrecision(6));
  }
  return numbers;
}

/** The cells of a row with labels, in the order of the columns. */
function rowName(asked: Asked, metric: Readonly<Record<string, string>>): string {
  const { transformations = [] } = asked.panel as {
    transformations?: { id: string; options: { indexByName?: Record<string, number> } }[];
  };
  const columns = Object.entries(
    transformations.find(({ id }) => id === "organize")?.options.indexByName ?? {},
  );
  return columns
    .sort(([, one], [, other]) => one - other)
    .flatMap(([label]) => metric[label] ?? [])
    .join(" ");
}
