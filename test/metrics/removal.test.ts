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
import { createVariant, endOf, groupRemovals, REMOVED, type Removal } from "../support/metrics/removal.ts";
import { LAST_MINUTE, SCRAPE_INTERVAL } from "../support/metrics/shop/facts.ts";
import { type LabelStyle, shop } from "../support/metrics/shop/index.ts";
import { PODS } from "../support/metrics/shop/pods.ts";

interface Question {
  readonly path: string;
  readonly expr: string;
  readonly uses: Uses;
}

const TIME = { range: 3600, interval: SCRAPE_INTERVAL, scrapeInterval: SCRAPE_INTERVAL };

/**
 * viz's Prometheus has most of what the queries read. Only others scrape kube-state-metrics, or give the injector's metrics a
 * namespace of their own.
 */
const NOT_IN_VIZ: readonly Removal[] = [
  { metric: "kube_pod_owner" },
  { label: "owner_kind" },
  { label: "exported_namespace" },
];

/** Read only where other metrics do not exist: see the last test. */
const FALLBACK = "apiserver_admission_webhook_admission_duration_seconds_count";

interface Setup {
  readonly prometheus: Prometheus;
  readonly history: History;
  readonly questions: readonly Question[];
  /** Each query's answer over the complete history. */
  readonly complete: ReadonlyMap<string, string>;
}

const setups = new Map<LabelStyle, Setup>();

beforeAll(async () => {
  for (const style of ["viz", "operator"] as const) {
    const history = selectPods(shop("edge-26.8.3", style));
    const variant = createVariant(history, 0);
    const prometheus = await startPrometheus({ tools: inject("metricsTools"), history: variant });
    const questions = await listQuestions(prometheus);
    const complete = new Map<string, string>();
    for (const { path, expr } of questions) {
      const answer = await prometheus.query(expr, endOf(variant));
      expect(answer.samples, `${path} with the complete history`).not.toEqual([]);
      complete.set(path, format(answer));
    }
    setups.set(style, { prometheus, history, questions, complete });
  }
});
afterAll(async () => {
  for (const { prometheus } of setups.values()) await prometheus.stop();
});

function getSetup(style: LabelStyle): Setup {
  const found = setups.get(style);
  if (!found) throw new Error(`there is no Prometheus with the labels of ${style}`);
  return found;
}

/** One pod of each workload is enough. */
function selectPods({ scrapes, series }: History): History {
  const running = PODS.filter(({ from, to }) => from <= LAST_MINUTE && LAST_MINUTE < to);
  const names = new Set(new Map(running.map((pod) => [pod.workload, pod.name])).values());
  return {
    scrapes,
    series: series.filter(({ labels }) => labels.pod === undefined || names.has(labels.pod)),
  };
}

/** The queries of the two dashboards with All. The others are copies. */
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

/** An answer as text, without the new name of a removed label, and without the noise of binary fractions. */
function format({ samples }: Answer): string {
  const lines = samples.map(({ metric, points }) => {
    const labels = Object.entries(metric).filter(([name]) => !name.startsWith(REMOVED));
    return `${JSON.stringify(Object.fromEntries(labels.sort()))} ${points[0]?.[1].toPrecision(6)}`;
  });
  return lines.sort().join("\n");
}

/** All metrics and labels that queries read, but for labels that queries make and the history does not have. */
function listRemovals({ questions, history }: Setup): Removal[] {
  const known = new Set(history.series.flatMap(({ labels }) => Object.keys(labels)));
  const made = new Set(questions.flatMap(({ uses }) => [...uses.made]));
  const used = (kind: "metrics" | "labels") =>
    [...new Set(questions.flatMap(({ uses }) => [...uses[kind]]))]
      .filter((name) => known.has(name) || !made.has(name))
      .sort();
  return [...used("metrics").map((metric) => ({ metric })), ...used("labels").map((label) => ({ label }))];
}

function reads({ uses }: Question, removal: Removal): boolean {
  return "metric" in removal ? uses.metrics.has(removal.metric) : uses.labels.has(removal.label);
}

/** Removes one after another, and lists the queries that answer differently without reading it, or the same although. */
async function findWrong({ prometheus, history, questions, complete }: Setup, removals: readonly Removal[]) {
  const groups = groupRemovals(removals, (one, other) =>
    questions.some((question) => reads(question, one) && reads(question, other)),
  );
  const metrics = new Set(questions.flatMap(({ uses }) => [...uses.metrics]));
  const read = { ...history, series: history.series.filter(({ name }) => metrics.has(name)) };
  const wrong: string[] = [];
  for (const [index, group] of groups.entries()) {
    const variant = createVariant(read, index + 1, group);
    await prometheus.write(variant);
    for (const question of questions) {
      const { path, expr } = question;
      const changed = format(await prometheus.query(expr, endOf(variant))) !== complete.get(path);
      const removed = group.find((removal) => reads(question, removal));
      if (changed === (removed !== undefined)) continue;
      const names = (removed ? [removed] : group).map((one) => Object.values(one).join()).join(", ");
      wrong.push(`${path} ${changed ? "changes" : "does not change"} without ${names}`);
    }
  }
  return wrong.sort();
}

const isIn = (list: readonly Removal[], removal: Removal) =>
  list.some((one) => JSON.stringify(one) === JSON.stringify(removal));

test("every metric and label that a query reads is in the history", () => {
  for (const style of ["viz", "operator"] as const) {
    const setup = getSetup(style);
    const { history } = setup;
    const metrics = new Set(history.series.map(({ name }) => name));
    const labels = new Set(history.series.flatMap((series) => Object.keys(series.labels)));
    const missing = listRemovals(setup).filter((removal) =>
      "metric" in removal ? !metrics.has(removal.metric) : !labels.has(removal.label),
    );
    expect(missing.filter((removal) => style === "operator" || !isIn(NOT_IN_VIZ, removal))).toEqual([]);
  }
});

test("without a metric or a label, exactly the queries that read it answer differently", async () => {
  const setup = getSetup("viz");
  const removals = listRemovals(setup).filter(
    (removal) => !isIn([...NOT_IN_VIZ, { metric: FALLBACK }], removal),
  );
  console.log(`removed ${removals.length} metrics and labels, one at a time for each query`);
  expect(await findWrong(setup, removals)).toEqual([]);
}, 180_000);

test("the same holds for what only the Prometheus operator scrapes", async () => {
  expect(await findWrong(getSetup("operator"), NOT_IN_VIZ)).toEqual([]);
});

test("a failure that never happened is 0 where the API server is scraped, and missing elsewhere", async () => {
  const { prometheus, history, questions } = getSetup("operator");
  const concerned = questions.filter(({ uses }) => uses.metrics.has(FALLBACK));
  expect(concerned.length).toBe(2);
  const failures = [
    "apiserver_admission_webhook_fail_open_count",
    "apiserver_admission_webhook_rejection_count",
  ];
  const never = failures.map((metric) => ({ metric }));
  for (const [number, removals, expected] of [
    [10, never, [0]],
    [11, [...never, { metric: FALLBACK }], []],
  ] as const) {
    const variant = createVariant(history, number, removals);
    await prometheus.write(variant);
    for (const { expr } of concerned) {
      const { samples } = await prometheus.query(expr, endOf(variant));
      expect(samples.map(({ points }) => points[0]?.[1])).toEqual(expected);
    }
  }
});
