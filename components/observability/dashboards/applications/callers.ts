/** Who calls the selected workloads, from the side of the callee. */
import { requestRate, successRate } from "../../promql/applications/traffic.ts";
import type { Section } from "../parts/layout.ts";
import { timeseries } from "../parts/panels.ts";
import { range } from "../parts/queries.ts";
import { trafficTable } from "./traffic-table.ts";

const BY = ["caller"];
const IDENTITY =
  "Callers by the ServiceAccount and namespace of their certificate. It includes ingresses and other clusters. A caller " +
  "without a proxy has no identity and is listed with the reason.";

export function callers(matchers: string): Section {
  const query = { by: BY, matchers };
  return {
    title: "By caller",
    panels: [
      [
        trafficTable({
          title: "Callers",
          description: IDENTITY,
          labels: [{ label: "caller", title: "Caller" }],
          traffic: query,
        }),
        10,
        8,
      ],
      [
        timeseries({
          title: "Requests by caller",
          description: `Requests per second. ${IDENTITY}`,
          unit: "reqps",
          stacked: true,
          queries: [range(requestRate(query), "{{caller}}")],
        }),
        7,
        8,
      ],
      [
        timeseries({
          title: "Success by caller",
          description: `The share of responses that succeed. ${IDENTITY}`,
          unit: "percentunit",
          max: 1,
          queries: [range(successRate(query), "{{caller}}")],
        }),
        7,
        8,
      ],
    ],
  };
}
