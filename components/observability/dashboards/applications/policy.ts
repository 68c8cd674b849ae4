/** What authorization policies deny. */
import { deniedCount, deniedRate } from "../../promql/applications/policy.ts";
import type { Section } from "../parts/layout.ts";
import { timeseries } from "../parts/panels.ts";
import { range } from "../parts/queries.ts";
import { table } from "../parts/table.ts";
import { NONE_EXPECTED } from "../parts/thresholds.ts";

const DENIED =
  "Requests and TCP connections to the selected workloads that an authorization policy denies. They do not reach the " +
  "application and are not part of its success rate.";

export function policy(matchers: string): Section {
  return {
    title: "Policy",
    panels: [
      [
        timeseries({
          title: "Denied",
          description: `${DENIED} By Server and caller.`,
          unit: "reqps",
          noValue: "none",
          queries: [
            range(deniedRate({ by: ["srv_name", "caller"], matchers }), "{{srv_name}} from {{caller}}"),
          ],
        }),
        12,
        8,
      ],
      [
        table({
          title: "Denied callers",
          description: `${DENIED} The count is of the last interval.`,
          labels: [
            { label: "namespace", title: "Namespace" },
            { label: "srv_kind", title: "Kind" },
            { label: "srv_name", title: "Server" },
            { label: "srv_port", title: "Port" },
            { label: "caller", title: "Caller" },
          ],
          columns: [
            {
              title: "Denied",
              expr: deniedCount({
                by: ["namespace", "srv_kind", "srv_name", "srv_port", "caller"],
                matchers,
              }),
              unit: "short",
              thresholds: NONE_EXPECTED,
            },
          ],
          sortBy: "Denied",
        }),
        12,
        8,
      ],
    ],
  };
}
