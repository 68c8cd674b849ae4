/** Requests by route: those of the callee, and those of the selected workloads as callers. */
import {
  BACKEND,
  backendRequestRate,
  PROFILE_ROUTE,
  profileLatencyQuantile,
  profileRequestRate,
  profileSuccessRate,
  ROUTE,
  type RouteProtocol,
  routeErrorRate,
  routeRequestRate,
  routeRetryRate,
  routeShareWithin,
  STATUS_LABELS,
} from "../../promql/applications/routes.ts";
import { responseRate } from "../../promql/applications/traffic.ts";
import type { Section, SizedPanel } from "../parts/layout.ts";
import { timeseries } from "../parts/panels.ts";
import { range } from "../parts/queries.ts";
import { table } from "../parts/table.ts";
import { SUCCESS } from "../parts/thresholds.ts";

const PROTOCOLS: readonly RouteProtocol[] = ["http", "grpc"];
const NONE = "none";

/** The route in a legend. Traffic without a route of its own has the kind `default`. */
const ROUTE_LEGEND = "{{parent_name}}.{{parent_namespace}} {{route_name}}";

/** A query for each family: HTTPRoutes and GRPCRoutes have metrics of their own. */
const perProtocol = (
  legend: (protocol: RouteProtocol) => string,
  expr: (protocol: RouteProtocol) => string,
) => PROTOCOLS.map((protocol) => range(expr(protocol), legend(protocol)));

export function routes(matchers: string): Section {
  const byRoute = { by: ROUTE, matchers };
  const panels: SizedPanel[] = [
    [
      timeseries({
        title: "Received, by route",
        description:
          "Responses per second of the selected workloads by the Server and the route that authorize them, and whether " +
          "they succeed. Routes that exist for probes are excluded.",
        unit: "reqps",
        queries: [
          range(
            responseRate({ by: ["srv_name", "route_kind", "route_name", "classification"], matchers }),
            "{{srv_name}} {{route_name}} {{classification}}",
          ),
        ],
      }),
      8,
      8,
    ],
    [
      timeseries({
        title: "Sent, by route and status",
        description:
          "Requests per second that the selected workloads send, by HTTPRoute or GRPCRoute and status. A retried request " +
          "counts once. A request that the proxy ends has no status: see the errors.",
        unit: "reqps",
        queries: perProtocol(
          (protocol) => `${ROUTE_LEGEND} {{${STATUS_LABELS[protocol]}}}`,
          (protocol) => routeRequestRate(protocol, { by: [...ROUTE, STATUS_LABELS[protocol]], matchers }),
        ),
      }),
      8,
      8,
    ],
    [
      timeseries({
        title: "Sent, within 500 ms",
        description:
          "The share of requests by route that are complete within 500 ms. The histogram has four buckets, so a quantile " +
          "would be a guess.",
        unit: "percentunit",
        max: 1,
        queries: perProtocol(
          () => ROUTE_LEGEND,
          (protocol) => routeShareWithin(protocol, "0.5", byRoute),
        ),
      }),
      8,
      8,
    ],
    [
      timeseries({
        title: "Timeouts and other errors",
        description: "Requests per second that the proxy of the caller ends, by route and reason.",
        unit: "reqps",
        noValue: NONE,
        queries: perProtocol(
          () => `${ROUTE_LEGEND} {{error}}`,
          (protocol) => routeErrorRate(protocol, { by: [...ROUTE, "error"], matchers }),
        ),
      }),
      8,
      8,
    ],
    [
      timeseries({
        title: "Retries",
        description:
          "Retries per second by route: sent, successful, and not sent because the limit of a request was reached.",
        unit: "reqps",
        noValue: NONE,
        queries: (["requests", "successes", "limit_exceeded"] as const).flatMap((outcome) =>
          perProtocol(
            () => `${ROUTE_LEGEND} ${outcome}`,
            (protocol) => routeRetryRate(protocol, outcome, byRoute),
          ),
        ),
      }),
      8,
      8,
    ],
    [
      timeseries({
        title: "Backends",
        description:
          "Requests per second by route and backend, retries included: how a route splits its traffic.",
        unit: "reqps",
        stacked: true,
        queries: perProtocol(
          () => `${ROUTE_LEGEND} to {{backend_name}}.{{backend_namespace}}`,
          (protocol) => backendRequestRate(protocol, { by: [...ROUTE, ...BACKEND], matchers }),
        ),
      }),
      8,
      8,
    ],
    [profileRoutes(matchers), 24, 6],
  ];
  return { title: "By route", panels };
}

function profileRoutes(matchers: string) {
  const query = { by: PROFILE_ROUTE, matchers };
  return table({
    title: "ServiceProfiles",
    description:
      "Requests that the selected workloads send to Services with a ServiceProfile, by its routes.",
    labels: [
      { label: "dst", title: "Host" },
      { label: "rt_route", title: "Route" },
    ],
    columns: [
      { title: "Requests", expr: profileRequestRate(query), unit: "reqps" },
      { title: "Success", expr: profileSuccessRate(query), unit: "percentunit", thresholds: SUCCESS },
      { title: "p95", expr: profileLatencyQuantile(0.95, query), unit: "ms" },
    ],
    sortBy: "Requests",
  });
}
