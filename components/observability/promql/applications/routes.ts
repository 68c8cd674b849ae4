/**
 * Requests by HTTPRoute, GRPCRoute and the routes of a ServiceProfile, as the proxies of the callers see them.
 *
 * Source: linkerd2-proxy, linkerd/app/outbound/src/http/logical/policy/route/metrics.rs, on 2.19 and later. Traffic without
 * a route of yours has `route_kind="default"`. These families are never removed from an idle proxy. Their counters start at
 * 0 with the first request, so the first request of a new series is lost to `rate`.
 */

import { finish, type Query, rate, select, share, sumBy } from "../expression.ts";
import { boundMatcher } from "./latency.ts";

/** Which route. gRPC has families of its own. */
export type RouteProtocol = "http" | "grpc";

/** The labels that identify a route: the Service it belongs to, and the route. */
export const ROUTE = ["parent_namespace", "parent_name", "parent_port", "route_kind", "route_name"] as const;

/** The labels that identify a backend of a route. */
export const BACKEND = ["backend_namespace", "backend_name", "backend_port"] as const;

const family = (protocol: RouteProtocol, name: string) => `outbound_${protocol}_route_${name}`;

/** The label with the status: a code of HTTP, or a word of gRPC such as `OK` or `UNAVAILABLE`. */
export const STATUS_LABELS: Readonly<Record<RouteProtocol, string>> = {
  http: "http_status",
  grpc: "grpc_status",
};

const statuses = (protocol: RouteProtocol, matchers?: string, more?: string) =>
  select(family(protocol, "request_statuses_total"), more, matchers);

/** Requests per second. A retried request counts once. Further labels: those of {@link STATUS_LABELS}, and `error`. */
export function routeRequestRate(protocol: RouteProtocol, query: Query = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(statuses(protocol, query.matchers), query)));
}

/**
 * Requests per second that the proxy ended, by its label `error`: `REQUEST_TIMEOUT`, `FAIL_FAST` where no endpoint is
 * ready, and others. They have no status.
 */
export function routeErrorRate(protocol: RouteProtocol, query: Query = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(statuses(protocol, query.matchers, 'error!=""'), query)));
}

/** Upper bounds of the durations, in seconds. Four: a quantile of them is a guess, a share within one of them is exact. */
export const ROUTE_BOUNDS_SECONDS = ["0.05", "0.5", "1.0", "10.0"] as const;

/** The share of requests that take at most so many seconds, 0 to 1. */
export function routeShareWithin(
  protocol: RouteProtocol,
  seconds: (typeof ROUTE_BOUNDS_SECONDS)[number],
  query: Query = {},
): string {
  const { by = [], matchers } = query;
  const durations = (suffix: string, bound?: string) =>
    rate(select(family(protocol, `request_duration_seconds_${suffix}`), bound, matchers), query);
  return finish(by, share(by, durations("bucket", boundMatcher(Number(seconds))), durations("count")));
}

/** Retries per second: `requests` are sent, `successes` help, `limit_exceeded` and `overflow` are not sent. */
export function routeRetryRate(
  protocol: RouteProtocol,
  outcome: "requests" | "successes" | "limit_exceeded" | "overflow",
  query: Query = {},
): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, rate(select(family(protocol, `retry_${outcome}_total`), matchers), query)));
}

/** Requests per second to each backend, retries included: how a traffic split divides. Labels: {@link BACKEND}. */
export function backendRequestRate(protocol: RouteProtocol, query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, rate(select(family(protocol, "backend_requests_total"), matchers), query)));
}

/** The labels of a ServiceProfile's route. Only traffic to Services with a ServiceProfile has such series. */
export const PROFILE_ROUTE = ["dst", "rt_route"] as const;

const profileSeries = (metric: string, matchers?: string, more?: string) =>
  select(`route_${metric}`, 'direction="outbound"', more, matchers);

/** Requests per second by route of a ServiceProfile. A retried request counts once. */
export function profileRequestRate(query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, rate(profileSeries("request_total", matchers), query)));
}

/** The share of requests by route of a ServiceProfile that succeed, 0 to 1, retries included. */
export function profileSuccessRate(query: Query = {}): string {
  const { by = [], matchers } = query;
  const responses = (more?: string) => rate(profileSeries("response_total", matchers, more), query);
  return finish(by, share(by, responses('classification="success"'), responses()));
}

/** A quantile of the milliseconds by route of a ServiceProfile. The buckets are those of applications. */
export function profileLatencyQuantile(quantile: number, query: Query = {}): string {
  const { by = [], matchers } = query;
  const buckets = sumBy(["le", ...by], rate(profileSeries("response_latency_ms_bucket", matchers), query));
  return finish(by, `histogram_quantile(${quantile}, ${buckets}) >= 0`);
}
