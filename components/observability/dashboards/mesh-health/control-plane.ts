/** The control plane, as proxies and its own controllers see it. */
import {
  controlFailureRate,
  controlLatency,
  controlRequestRate,
  DESTINATION_QUEUES,
  destinationOverflow,
  informerLag,
} from "../../promql/mesh/control-plane.ts";
import type { Section } from "../parts/layout.ts";
import { timeseries } from "../parts/panels.ts";
import { range } from "../parts/queries.ts";
import { FAILURE } from "../parts/thresholds.ts";

const BY = { by: ["controller"] };
const SCRAPED =
  "No data where the controllers are not scraped, as on Linkerd 2.19 with viz's own Prometheus.";

export function controlPlane(): Section {
  return {
    title: "Control plane",
    panels: [
      [
        timeseries({
          title: "Calls",
          description:
            "Calls per second that proxies begin, by controller. Most are streams that last for hours.",
          unit: "reqps",
          queries: [range(controlRequestRate(BY), "{{controller}}")],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Failed calls",
          description:
            "The share of calls of proxies that fail, by controller. A restart of a controller ends streams.",
          unit: "percentunit",
          max: 1,
          thresholds: FAILURE,
          queries: [range(controlFailureRate(BY), "{{controller}}")],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Latency of calls",
          description: "The time from a call of a proxy to the first answer, by controller, on average.",
          unit: "ms",
          queries: [range(controlLatency(BY), "{{controller}}")],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Dropped updates",
          description: `Updates that the destination controllers dropped since they started, because a proxy reads too slowly, by queue. ${SCRAPED}`,
          unit: "short",
          queries: DESTINATION_QUEUES.map((queue) => range(destinationOverflow(queue), queue)),
        }),
        12,
        8,
      ],
      [
        timeseries({
          title: "Delay of changes",
          description: `Seconds from a change of an EndpointSlice to its arrival at a controller, on average. ${SCRAPED}`,
          unit: "s",
          queries: [range(informerLag({ by: ["component"] }), "{{component}}")],
        }),
        12,
        8,
      ],
    ],
  };
}
