/** Refreshes a dashboard as Grafana does. */
import type { Api } from "../test/support/metrics/api.ts";
import { type DashboardJson, listQueries } from "../test/support/metrics/grafana/dashboard.ts";
import { interpolate } from "../test/support/metrics/grafana/interpolate.ts";
import { resolveVariables } from "../test/support/metrics/grafana/variables.ts";
import { NOW } from "../test/support/metrics/shop/facts.ts";
import { SCRAPE_INTERVAL } from "./large-mesh.ts";

/** An hour, with a point for each scrape: the scrape interval is the smallest step of the data source. */
const TIME = { range: 3600, interval: SCRAPE_INTERVAL, scrapeInterval: SCRAPE_INTERVAL };
/** How many requests a browser sends to a server at the same time, by HTTP/1.1. */
const CONNECTIONS = 6;

export interface Refresh {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** How many samples Prometheus loaded for the panels. */
  readonly samples: number;
  readonly queries: readonly { readonly path: string; readonly seconds: number; readonly samples: number }[];
}

/** The dashboard as a user opens it: Grafana sends no query of a panel in a closed row. */
export function withoutClosedRows(dashboard: DashboardJson): DashboardJson {
  const panels = dashboard.panels.map((panel) => (panel.type === "row" ? { ...panel, panels: [] } : panel));
  return { ...dashboard, panels };
}

/** Sends the queries of the variables, and then those of all panels, with All selected, at the end of the shop's history. */
export async function refresh(dashboard: DashboardJson, api: Api): Promise<Refresh> {
  const started = performance.now();
  const { values } = await resolveVariables(dashboard, {}, api, TIME);
  const waiting = listQueries(dashboard).map(({ path, expr, target }) => ({
    path,
    instant: target.instant === true,
    expr: interpolate(expr, values, TIME),
  }));
  const queries: { path: string; seconds: number; samples: number }[] = [];
  const send = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { path, instant, expr } = next;
      const sent = performance.now();
      const { samples, loadedSamples } = await (instant
        ? api.query(expr, NOW)
        : api.queryRange(expr, NOW - TIME.range, NOW, TIME.interval));
      if (samples.length === 0) throw new Error(`${path}: the answer is empty`);
      queries.push({ path, seconds: (performance.now() - sent) / 1000, samples: loadedSamples });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  const samples = queries.reduce((sum, one) => sum + one.samples, 0);
  return { seconds: (performance.now() - started) / 1000, samples, queries };
}
