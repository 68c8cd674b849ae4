/**
 * `npm run bench:metrics [-- <workloads>]` measures, by default for 500 workloads with two pods each:
 *
 * - the series of a proxy, with everything kept and with only what the queries use,
 * - one refresh of the dashboard *Applications*, on a real Prometheus with the latter: as the dashboard opens, with its details in
 *   closed rows, and with all rows open. It fails if a panel is empty, as with fewer than 23 workloads: each has another part in
 *   the shop.
 */
import { loadavg } from "node:os";
import { createProgress, metricsTools, obtainTools } from "../sandbox/tools/index.ts";
import type { DashboardJson } from "../test/support/metrics/grafana/dashboard.ts";
import { findDashboard } from "../test/support/metrics/grafana/report.ts";
import { isKept } from "../test/support/metrics/kept-series.ts";
import { type Prometheus, startPrometheus } from "../test/support/metrics/prometheus.ts";
import { parseCounts } from "./arguments.ts";
import { createLargeMesh, SCRAPE_INTERVAL } from "./large-mesh.ts";
import { countByProxy, OTHER_SERIES } from "./proxy-series.ts";
import { type Refresh, refresh, withoutClosedRows } from "./refresh.ts";
import { readProcessorTime } from "./usage.ts";

/** The first refresh fills caches. */
const REFRESHES = 5;
const EXPENSIVE = 5;

const [workloads = 500] = parseCounts("npm run bench:metrics [-- <workloads>]", 1);
const progress = createProgress();
const { paths } = await obtainTools(progress, metricsTools);
const { scrapes, series } = createLargeMesh(workloads);
const kept = series.filter(isKept);

function findMedian(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function printSeries(): void {
  const all = countByProxy(series).map((count) => count + OTHER_SERIES);
  const used = countByProxy(kept);
  const print = (title: string, one: number, other: number) =>
    console.log(
      `  ${title}: ${one.toFixed(0)}, ${other.toFixed(0)} used, ${((other / one) * 100).toFixed(0)} %`,
    );
  const average = (counts: readonly number[]) =>
    counts.reduce((sum, count) => sum + count, 0) / counts.length;
  console.log(`Series of a proxy, of ${all.length}:`);
  print("average", average(all), average(used));
  print("median", findMedian(all), findMedian(used));
}

/** Refreshes a dashboard several times, and prints how long it takes and which queries load most. */
async function measure(title: string, dashboard: DashboardJson, prometheus: Prometheus): Promise<void> {
  const runs: (Refresh & { readonly cpu: number })[] = [];
  for (let run = 0; run < REFRESHES; run++) {
    const before = readProcessorTime(prometheus.pid);
    const result = await refresh(dashboard, prometheus);
    runs.push({ ...result, cpu: readProcessorTime(prometheus.pid) - before });
  }
  const format = (choose: (values: readonly number[]) => number) =>
    `${choose(runs.map(({ seconds }) => seconds)).toFixed(2)} s, processor time ${choose(runs.map(({ cpu }) => cpu)).toFixed(2)} s`;
  const [last] = runs.slice(-1);
  console.log(`  ${title}: ${last?.queries.length} queries, ${last?.samples} samples`);
  console.log(`    best ${format((values) => Math.min(...values))}; median ${format(findMedian)}`);
  const sorted = last?.queries.toSorted((one, other) => other.samples - one.samples) ?? [];
  for (const { path, samples } of sorted.slice(0, EXPENSIVE)) console.log(`    ${samples} ${path}`);
}

printSeries();
const prometheus = await startPrometheus({ tools: paths });
try {
  await progress.track(`Writing ${kept.length} series`, () => prometheus.write({ scrapes, series: kept }));
  const dashboard = findDashboard("linkerd-applications");
  console.log(
    `One refresh of Applications, 1 hour, All, ${workloads} workloads, scraped every ${SCRAPE_INTERVAL} s:`,
  );
  await measure("as it opens", withoutClosedRows(dashboard), prometheus);
  await measure("all rows open", dashboard, prometheus);
  console.log(`  load average ${loadavg()[0]?.toFixed(1)}`);
} finally {
  await prometheus.stop();
}
