/**
 * Removes each metric and each label that a query reads: exactly the queries that read it must answer differently. So no
 * query reads something in vain, and none of these tests passes with a history that does not matter.
 */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Answer, Api } from "../support/metrics/api.ts";
import { listQueries } from "../support/metrics/grafana/dashboard.ts";
import { interpolate } from "../support/metrics/grafana/interpolate.ts";
import { findDashboard } from "../support/metrics/grafana/report.ts";
import { findUses, type Uses } from "../support/metrics/grafana/uses.ts";
import { resolveVariables } from "../support/metrics/grafana/variables.ts";
import type { History } from "../support/metrics/history.ts";
import { type Prometheus, startPrometheus } from "../support/metrics/prometheus.ts";
import { createVariant, endOf, REMOVED, type Removal } from "../support/metrics/removal.ts";
import { LAST_MINUTE, SCRAPE_INTERVAL } from "../support/metrics/shop/facts.ts";
import { shop } from "../support/metrics/shop/index.ts";
import { PODS } from "../support/metrics/shop/pods.ts";

interface Question {
  readonly path: string;
  readonly expr: string;
  readonly uses: Uses;
}

const TIME = { range: 3600, interval: SCRAPE_INTERVAL, scrapeInterval: SCRAPE_INTERVAL };

/** One pod of each workload is enough. */
const history = selectPods(shop("edge-26.8.3", "operator"));

let questions: readonly Question[];
let removals: readonly Removal[];
let prometheus: Prometheus;
/** Without what no query reads, which cannot change an answer. */
let read: History;
const complete = new Map<string, string>();

beforeAll(async () => {
  const first = createVariant(history, 0);
  prometheus = await startPrometheus({ tools: inject("metricsTools"), history: first });
  questions = await listQuestions(prometheus);
  removals = listRemovals(history, questions);
  const metrics = new Set(questions.flatMap(({ uses }) => [...uses.metrics]));
  read = { ...history, series: history.series.filter(({ name }) => metrics.has(name)) };
  for (const { path, expr } of questions) {
    const answer = await prometheus.query(expr, endOf(first));
    expect(answer.samples, `${path} with the complete history`).not.toEqual([]);
    complete.set(path, format(answer));
  }
});
afterAll(() => prometheus?.stop());

function selectPods({ scrapes, series }: History): History {
  const pods = new Map(
    PODS.filter(({ from, to }) => from <= LAST_MINUTE && LAST_MINUTE < to).map((pod) => [
      pod.workload,
      pod.name,
    ]),
  );
  const names = new Set(pods.values());
  return {
    scrapes,
    series: series.filter(({ labels }) => labels.pod === undefined || names.has(labels.pod)),
  };
}

async function listQuestions(api: Api): Promise<Question[]> {
  const all: Question[] = [];
  for (const uid of ["linkerd-applications", "linkerd-mesh-health"]) {
    const dashboard = findDashboard(uid);
    const { values } = await resolveVariables(dashboard, {}, api, TIME);
    for (const { path, expr } of listQueries(dashboard)) {
      const interpolated = interpolate(expr, values, TIME);
      all.push({ path, expr: interpolated, uses: await findUses(api, interpolated) });
    }
  }
  return all;
}

/** Everything that queries read and that the history has. A label that it does not have is one of another setup. */
function listRemovals({ series }: History, all: readonly Question[]): Removal[] {
  const metrics = new Set(series.map(({ name }) => name));
  const labels = new Set(series.flatMap((one) => Object.keys(one.labels)));
  const used = (kind: keyof Uses) => [...new Set(all.flatMap(({ uses }) => [...uses[kind]]))].sort();
  return [
    ...used("metrics").map((metric) => ({ metric })),
    ...used("labels")
      .filter((label) => labels.has(label))
      .map((label) => ({ label })),
  ].filter((removal) => !("metric" in removal) || metrics.has(removal.metric));
}

/** An answer as text, without the new name of a removed label, and without the noise of binary fractions. */
function format({ samples }: Answer): string {
  const lines = samples.map(({ metric, points }) => {
    const labels = Object.entries(metric).filter(([name]) => !name.startsWith(REMOVED));
    return `${JSON.stringify(Object.fromEntries(labels.sort()))} ${points[0]?.[1].toPrecision(6)}`;
  });
  return lines.sort().join("\n");
}

test("every metric that a query reads is in the history", () => {
  const known = new Set(history.series.map(({ name }) => name));
  const used = new Set(questions.flatMap(({ uses }) => [...uses.metrics]));
  expect([...used].filter((metric) => !known.has(metric))).toEqual([]);
});

test("without a metric or a label, exactly the queries that read it answer differently", async () => {
  const wrong: string[] = [];
  for (const [index, removal] of removals.entries()) {
    const variant = createVariant(read, index + 1, removal);
    await prometheus.write(variant);
    const [name, kind] =
      "metric" in removal ? [removal.metric, "metrics" as const] : [removal.label, "labels" as const];
    await Promise.all(
      questions.map(async ({ path, expr, uses }) => {
        const changed = format(await prometheus.query(expr, endOf(variant))) !== complete.get(path);
        if (changed !== uses[kind].has(name))
          wrong.push(`${name}: ${path} ${changed ? "changes" : "does not change"}`);
      }),
    );
  }
  expect(wrong.sort()).toEqual([]);
}, 300_000);
