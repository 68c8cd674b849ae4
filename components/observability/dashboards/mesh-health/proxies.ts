/** The proxies: how many, which versions, what they need. */
import { proxyCount, proxyCpu, proxyMemory, proxyRestarts } from "../../promql/mesh/proxies.ts";
import { NAMESPACES } from "../../promql/selection.ts";
import type { Section } from "../parts/layout.ts";
import { barGauge, stat, timeseries } from "../parts/panels.ts";
import { instant, range } from "../parts/queries.ts";

export function proxies(): Section {
  const query = { matchers: NAMESPACES };
  const byNamespace = { by: ["namespace"], matchers: NAMESPACES };
  return {
    title: "Proxies",
    panels: [
      [
        stat({
          title: "Proxies",
          description: "Proxies that are scraped in the selected namespaces.",
          unit: "short",
          noValue: "none",
          queries: [instant(proxyCount(query), "proxies")],
        }),
        4,
        8,
      ],
      [
        barGauge({
          title: "Versions",
          description:
            "Proxies by version. After an upgrade, workloads have the former version until their pods restart.",
          unit: "short",
          queries: [instant(proxyCount({ by: ["version"], matchers: NAMESPACES }), "{{version}}")],
        }),
        5,
        8,
      ],
      [
        timeseries({
          title: "CPU of proxies",
          description: "CPU cores that proxies use, as they measure it themselves.",
          unit: "short",
          stacked: true,
          queries: [range(proxyCpu(byNamespace), "{{namespace}}")],
        }),
        5,
        8,
      ],
      [
        timeseries({
          title: "Memory of proxies",
          description: "Resident memory of proxies, as they measure it themselves.",
          unit: "bytes",
          stacked: true,
          queries: [range(proxyMemory(byNamespace), "{{namespace}}")],
        }),
        5,
        8,
      ],
      [
        timeseries({
          title: "Restarts",
          description: "Proxies that started again in a pod that kept running.",
          unit: "short",
          queries: [range(proxyRestarts(byNamespace), "{{namespace}}")],
        }),
        5,
        8,
      ],
    ],
  };
}
