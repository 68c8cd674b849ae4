/** viz installs Prometheus 2, and teams run 2 or 3. Both have to give the same answers. */
import { expect, inject, onTestFinished, test } from "vitest";
import type { Answer } from "../support/metrics/api.ts";
import { listQueries } from "../support/metrics/grafana/dashboard.ts";
import { interpolate } from "../support/metrics/grafana/interpolate.ts";
import { findDashboard } from "../support/metrics/grafana/report.ts";
import { resolveVariables } from "../support/metrics/grafana/variables.ts";
import { startPrometheus } from "../support/metrics/prometheus.ts";
import { startShop } from "../support/metrics/servers.ts";
import { NOW, SCRAPE_INTERVAL } from "../support/metrics/shop/facts.ts";
import { shop } from "../support/metrics/shop/index.ts";

const TIME = { range: 3600, interval: SCRAPE_INTERVAL, scrapeInterval: SCRAPE_INTERVAL };

/** An answer as text, in which the order of series and the noise of binary fractions do not matter. */
function format({ samples }: Answer): string[] {
  return samples
    .map(
      ({ metric, points }) =>
        `${JSON.stringify(Object.entries(metric).sort())} ${points[0]?.[1].toPrecision(6)}`,
    )
    .sort();
}

test.skipIf(inject("prometheus2") === "")(
  "Prometheus 2 and 3 give the same answers to all queries of panels",
  async () => {
    const tools = { ...inject("metricsTools"), prometheus: inject("prometheus2") };
    const two = await startPrometheus({ tools, history: shop("edge-26.8.3", "viz") });
    onTestFinished(() => two.stop());
    const three = await startShop("edge-26.8.3", "viz");
    expect([two.version, three.version]).toEqual([
      expect.stringMatching(/^2\./),
      expect.stringMatching(/^3\./),
    ]);
    let compared = 0;
    for (const uid of ["linkerd-applications", "linkerd-mesh-health"]) {
      const dashboard = findDashboard(uid);
      const { values } = await resolveVariables(dashboard, {}, three, TIME);
      for (const { path, expr } of listQueries(dashboard)) {
        const query = interpolate(expr, values, TIME);
        const answer = format(await three.query(query, NOW));
        expect(answer, path).not.toEqual([]);
        expect(format(await two.query(query, NOW)), path).toEqual(answer);
        compared++;
      }
    }
    console.log(`${compared} queries, the same answers by Prometheus ${two.version} and ${three.version}`);
  },
);
