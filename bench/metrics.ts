/**
 * `npm run bench:metrics [-- <workloads>]` measures, by default for 500 workloads with two pods each:
 *
 * - the series of a proxy, with everything kept and with only what the queries use,
 * - one refresh of the dashboard *Applications*, on a real Prometheus with the latter. It fails if a panel is empty, as with fewer
 *   than 23 workloads: each has another part in the shop.
 */
import { loadavg } from "node:os";
import { createProgress, metricsTools, obtainTools } from "../sandbox/tools/index.ts";
import { findDashboard } from "../test/support/metrics/grafana/report.ts";
import { startPrometheus } from "../test/support/metrics/prometheus.ts";
import { parseCounts } from "./arguments.ts";
import { createLargeMesh, isKept, SCRAPE_INTERVAL } from "./large-mesh.ts";
import { countByProxy, OTHER_SERIES } from "./proxy-series.ts";
import { type Refresh, refresh } from "./refresh.ts";
import { readProcessorTime } from "./usage.ts";

/** The first refresh fills caches. */
const REFRESHES = 5;
const EXPENSIVE = 10;

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

printSeries();
const prometheus = await startPrometheus({ tools: paths });
try {
  await progress.track(`Writing ${kept.length} series`, () => prometheus.write({ scrapes, series: kept }));
  const dashboard = findDashboard("linkerd-applications");
  console.log(
    `One refresh of Applications, 1 hour, All, ${workloads} workloads, scraped every ${SCRAPE_INTERVAL} s:`,
  );
  const runs: (Refresh & { readonly cpu: number })[] = [];
  for (let run = 0; run < REFRESHES; run++) {
    const before = readProcessorTime(prometheus.pid);
    const result = await refresh(dashboard, prometheus);
    runs.push({ ...result, cpu: readProcessorTime(prometheus.pid) - before });
  }
  const print = (title: string, choose: (values: readonly number[]) => number) => {
    const seconds = choose(runs.map((run) => run.seconds)).toFixed(2);
    const cpu = choose(runs.map((run) => run.cpu)).toFixed(2);
    console.log(`  ${title}: ${seconds} s, processor time ${cpu} s`);
  };
  print("best", (values) => Math.min(...values));
  print("median", findMedian);
  const [last] = runs.slice(-1);
  console.log(
    `  ${last?.queries.length} queries, ${last?.samples} samples, load average ${loadavg()[0]?.toFixed(1)}`,
  );
  console.log("The queries that load most:");
  const sorted = last?.queries.toSorted((one, other) => other.samples - one.samples) ?? [];
  for (const { path, samples } of sorted.slice(0, EXPENSIVE)) console.log(`  ${samples} ${path}`);
} finally {
  await prometheus.stop();
}
