import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LATENCY_BOUNDS_MS } from "../../../components/observability/promql/applications/latency.ts";
import { keptMetrics } from "../../../components/observability/series/keep-list.ts";
import { USED_SERIES } from "../../../components/observability/series/used-series.ts";
import { findUsedSeries } from "../../../scripts/dashboards/used-series.ts";
import { isKept as isSeriesKept } from "../../support/metrics/kept-series.ts";
import { root } from "../../support/package.ts";

test.each([
  ["a matcher", 'up{job="a"}', { up: ["job"] }],
  ["an aggregation", "sum by (pod) (rate(a_total[5m]))", { a_total: ["pod"] }],
  ["an outer aggregation, of the labels that are left", "sum by (a, b) (sum by (b) (m))", { m: ["b"] }],
  ["a quantile", "histogram_quantile(0.9, sum by (le) (rate(m_bucket[5m])))", { m_bucket: ["le"] }],
  ["a function of labels", 'label_replace(m, "x", "$1", "from", "(.*)")', { m: ["from"] }],
  ["a join", "a * on (pod) group_left () b", { a: ["pod"], b: ["pod"] }],
  ["a label that a join drops", "sum by (x) (a * on (pod) group_left () b)", { a: ["pod", "x"], b: ["pod"] }],
  ["a filter", "sum by (x) (a unless on (pod) b)", { a: ["pod", "x"], b: ["pod"] }],
  [
    "a derived label",
    'sum by (caller) (label_replace(m, "caller", "$1", "client_id", "(.*)"))',
    { m: ["client_id"] },
  ],
])("the labels of %s are found", (_, expression, used) => {
  expect(findUsedSeries([expression])).toEqual(used);
});

test("the variable of the kind stands for the label of each kind", () => {
  const { up } = findUsedSeries(['up{$kind=~"$workload"}']);
  expect(up).toEqual(
    [
      ...[
        "batch_kubernetes_io_job_name",
        "cronjob",
        "daemonset",
        "deployment",
        "k8s_job",
        "namespace",
        "pod",
      ],
      ...["replicaset", "replicationcontroller", "statefulset"],
    ].sort(),
  );
});

test("text that is not PromQL is rejected", () => {
  expect(() => findUsedSeries(["sum by (a (m)"])).toThrow("not PromQL");
  expect(() => findUsedSeries(['{job="a"}'])).toThrow("a selector without a metric");
});

test("no file outside of promql/ and series/ names a metric that the queries use", () => {
  const folder = join(root, "components/observability");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !/^(promql|series)\//.test(path),
  );
  expect(files.length).toBeGreaterThan(20);
  // `up` is also an English word.
  const metrics = Object.keys(USED_SERIES).filter((metric) => metric.includes("_"));
  const found = files.flatMap((path) => {
    const text = readFileSync(join(folder, path), "utf8");
    return metrics
      .filter((metric) => new RegExp(`\\b${metric}\\b`).test(text))
      .map((metric) => `${path}: ${metric}`);
  });
  expect(found).toEqual([]);
});

/** Whether Prometheus keeps a series, which is given by its labels and the label of its name. */
function isKept({ __name__: name = "", ...labels }: Record<string, string>): boolean {
  return isSeriesKept({ name, labels });
}

test("Prometheus keeps what the dashboards, the rules and viz query", () => {
  for (const metric of ["request_total", "tcp_close_total", "gateway_alive", "route_actual_response_total"]) {
    expect(isKept({ __name__: metric, srv_port: "8080", route_name: "default" }), metric).toBe(true);
  }
  for (const metric of Object.keys(USED_SERIES)) expect(keptMetrics()).toContain(metric);
});

test("Prometheus drops other metrics, and requests that are not application traffic", () => {
  expect(isKept({ __name__: "tokio_rt_workers" })).toBe(false);
  expect(isKept({ __name__: "control_response_latency_ms_bucket" })).toBe(false);
  expect(isKept({ __name__: "response_latency_ms_bucket", srv_port: "4191" })).toBe(false);
  expect(isKept({ __name__: "response_total", srv_port: "8080", route_name: "probe" })).toBe(false);
  expect(isKept({ __name__: "inbound_http_authz_deny_total", srv_port: "4191" })).toBe(true);
});

test("Prometheus keeps the buckets of 1, 2 and 5 times each power of ten, in the spelling of both versions", () => {
  const times = (factors: readonly number[]) =>
    [1, 10, 100, 1000, 10_000].flatMap((power) =>
      factors.flatMap((factor) => [`${factor * power}`, `${factor * power}.0`]),
    );
  const kept = [...times([1, 2, 3, 4, 5]), "+Inf"].filter((le) =>
    ["response_latency_ms_bucket", "route_response_latency_ms_bucket"].some((metric) =>
      isKept({ __name__: metric, srv_port: "8080", le }),
    ),
  );
  expect(kept).toEqual([...times([1, 2, 5]), "+Inf"]);
  expect(LATENCY_BOUNDS_MS.map(String)).toEqual(times([1, 2, 5]).filter((le) => !le.endsWith(".0")));
});
