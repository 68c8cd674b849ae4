/** Success, requests and latency of the selected workloads together. */
import { latencyQuantile, latencyShareWithin, requestsInFlight } from "../../promql/applications/latency.ts";
import { requestRate, responseRate, successRate } from "../../promql/applications/traffic.ts";
import type { Section } from "../parts/layout.ts";
import { stat, timeseries } from "../parts/panels.ts";
import { instant, range } from "../parts/queries.ts";
import { SUCCESS } from "../parts/thresholds.ts";

const NO_TRAFFIC = "no traffic";

/** The quantiles that are displayed. */
const QUANTILES = [0.5, 0.95, 0.99] as const;

export function goldenSignals(matchers: string): Section {
  const query = { matchers };
  const classes = { by: ["status_class", "classification"], matchers };
  return {
    title: "Golden signals",
    panels: [
      [
        stat({
          title: "Success rate",
          description:
            "The share of responses that succeed, of all selected workloads. Without requests there is none.",
          unit: "percentunit",
          thresholds: SUCCESS,
          noValue: NO_TRAFFIC,
          queries: [instant(successRate(query), "success")],
        }),
        6,
        4,
      ],
      [
        stat({
          title: "Requests",
          description: "Requests per second that the selected workloads receive, counted when they begin.",
          unit: "reqps",
          noValue: NO_TRAFFIC,
          queries: [instant(requestRate(query), "requests")],
        }),
        6,
        4,
      ],
      [
        stat({
          title: "Within 1 s",
          description: "The share of responses whose first byte is sent within a second.",
          unit: "percentunit",
          thresholds: SUCCESS,
          noValue: NO_TRAFFIC,
          queries: [instant(latencyShareWithin(1000, query), "within 1 s")],
        }),
        6,
        4,
      ],
      [
        stat({
          title: "In flight",
          description:
            "Requests that wait for the first byte of their response, on average: requests per second times seconds each.",
          unit: "short",
          noValue: NO_TRAFFIC,
          queries: [instant(requestsInFlight(query), "requests")],
        }),
        6,
        4,
      ],
      [
        timeseries({
          title: "Success rate",
          description:
            "The share of responses that succeed. A gap is a time without requests, 0 is a failure of all.",
          unit: "percentunit",
          max: 1,
          thresholds: SUCCESS,
          noValue: NO_TRAFFIC,
          queries: [range(successRate(query), "success")],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Responses by status",
          description:
            "Responses per second by class of the HTTP status, and whether the proxy counts them as failures. A failed " +
            "gRPC call has the status 200.",
          unit: "reqps",
          stacked: true,
          noValue: NO_TRAFFIC,
          queries: [range(responseRate(classes), "{{status_class}} {{classification}}")],
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Latency",
          description:
            "Quantiles of the time from a request to the first byte of its response, failures included. Interpolated " +
            "between the bounds that Prometheus keeps (…, 50, 100, 200, 500, … ms).",
          unit: "ms",
          noValue: NO_TRAFFIC,
          queries: QUANTILES.map((quantile) => range(latencyQuantile(quantile, query), `p${quantile * 100}`)),
        }),
        8,
        8,
      ],
    ],
  };
}
