/** What Prometheus sees of the mesh. */
import { deniedScrapeRate } from "../../promql/applications/policy.ts";
import {
  CONTROLLERS,
  controllersUp,
  headSeries,
  samplesPerScrape,
  slowestScrape,
  targetsDown,
  targetsUp,
  unscrapedProxies,
} from "../../promql/mesh/scraping.ts";
import type { Section } from "../parts/layout.ts";
import { barGauge, stat, timeseries } from "../parts/panels.ts";
import { instant, range } from "../parts/queries.ts";
import { table } from "../parts/table.ts";
import { NONE_EXPECTED, SOME_EXPECTED } from "../parts/thresholds.ts";

const TARGETS = ["proxies", "controllers"] as const;

export function scraping(): Section {
  return {
    title: "Scraping",
    panels: [
      [
        barGauge({
          title: "Targets that answer",
          description:
            "Proxies and controllers that this Prometheus scrapes. 0: it does not see them, and panels about them are empty.",
          unit: "short",
          thresholds: SOME_EXPECTED,
          queries: [
            instant(targetsUp("proxies"), "proxies"),
            ...CONTROLLERS.map((controller) => instant(controllersUp(controller), controller)),
          ],
        }),
        6,
        8,
      ],
      [
        stat({
          title: "Targets that do not answer",
          description: "Targets whose last scrape failed.",
          unit: "short",
          thresholds: NONE_EXPECTED,
          queries: TARGETS.map((targets) => instant(targetsDown(targets), targets)),
        }),
        6,
        8,
      ],
      [
        table({
          title: "Proxies that are not scraped",
          description:
            "Pods that run a proxy and are not a target. Needs a Prometheus that scrapes the kubelets and the proxies.",
          labels: [
            { label: "namespace", title: "Namespace" },
            { label: "pod", title: "Pod" },
          ],
          columns: [{ title: "Pods", expr: unscrapedProxies(), unit: "short", decimals: 0 }],
          sortBy: "Pods",
        }),
        6,
        8,
      ],
      [
        timeseries({
          title: "Denied scrapes",
          description:
            "Requests per second to the admin ports of proxies that an authorization policy denies, by caller.",
          unit: "reqps",
          noValue: "none",
          queries: [
            range(deniedScrapeRate({ by: ["namespace", "caller"] }), "{{namespace}} from {{caller}}"),
          ],
        }),
        6,
        8,
      ],
      [
        timeseries({
          title: "Slowest scrape",
          description: "Seconds of the slowest scrape.",
          unit: "s",
          queries: TARGETS.map((targets) => range(slowestScrape(targets), targets)),
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Samples of the largest target",
          description:
            "Series that the largest proxy and the largest controller have: what the mesh costs Prometheus.",
          unit: "short",
          queries: TARGETS.map((targets) => range(samplesPerScrape(targets), targets)),
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Series in memory",
          description: "Series in the head of this Prometheus. No data where it does not scrape itself.",
          unit: "short",
          queries: [range(headSeries(), "series")],
        }),
        8,
        8,
      ],
    ],
  };
}
