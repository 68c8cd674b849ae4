/** Requests: how many, and how many fail. Source of the labels: linkerd2-proxy, linkerd/app/core/src/metrics.rs. */
import { finish, increase, type Query, rate, select, share, sumBy } from "../expression.ts";

/**
 * The requests that an application receives.
 *
 * - Only `inbound`: a request between two meshed pods is counted by both proxies.
 * - Without port 4191: the proxy counts requests to its own admin server, such as the scrapes of Prometheus, in the same
 *   metrics (linkerd2-proxy linkerd/app/admin/src/stack.rs).
 * - Without probes of the kubelet: the policy controller puts them on a route called `probe`, for Servers without routes of
 *   their own. Probes that match a route of yours count as requests of that route.
 *
 * No matcher on `job`: it is `linkerd-proxy` in viz and `linkerd/linkerd-proxy` with the Prometheus operator.
 */
export const APPLICATION = 'direction="inbound",srv_port!="4191",route_name!="probe"';

/** The requests that an application sends. Without port 4191, to which a meshed Prometheus sends its scrapes. */
export const OUTBOUND = 'direction="outbound",target_port!="4191"';

/** Requests of one direction. */
export interface Traffic extends Query {
  /** {@link APPLICATION} or {@link OUTBOUND}. @default APPLICATION */
  traffic?: string;
}

const requests = ({ traffic = APPLICATION, matchers }: Traffic) => select("request_total", traffic, matchers);

/** Responses. `matchers` of the caller come last, so that a test can find them. */
const responses = ({ traffic = APPLICATION, matchers }: Traffic, classification?: string) =>
  select("response_total", traffic, classification && `classification="${classification}"`, matchers);

/**
 * Requests per second, counted when they begin. Series of a proxy are removed after ten idle minutes, and the first request
 * after that is lost to `rate`.
 */
export function requestRate(query: Traffic = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(requests(query), query)));
}

/** How many requests began within the window. A floor for alerts: 1 failure of 2 requests is not an outage. */
export function requestCount(query: Traffic = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, increase(requests(query), query)));
}

/**
 * Responses per second, counted when they end. Labels for `by`: `status_class`, `status_code`, `classification` and
 * `grpc_status`. A stream is counted when it is complete.
 */
export function responseRate(query: Traffic = {}): string {
  const { by = [] } = query;
  return finish(by, sumBy(by, rate(responses(query), query)));
}

/**
 * The share of responses that succeed, 0 to 1. A failure is a status of 5xx, or a gRPC status that blames the server: the
 * proxy classifies. No series without traffic, 0 where all fail.
 *
 * With {@link OUTBOUND}, each attempt of a retried request counts: see {@link routeRequestRate} for the requests.
 */
export function successRate(query: Traffic = {}): string {
  const { by = [] } = query;
  return finish(by, share(by, rate(responses(query, "success"), query), rate(responses(query), query)));
}

/** The share of responses that fail, 0 to 1. No series without traffic, 0 where none fails. */
export function failureRate(query: Traffic = {}): string {
  const { by = [] } = query;
  return finish(by, share(by, rate(responses(query, "failure"), query), rate(responses(query), query)));
}

/**
 * The share of requests that come or go with mTLS, 0 to 1. The label `tls` has the values `true`, `no_identity`, `disabled`
 * and `opaque`, and `no_tls_reason` has the reason.
 */
export function meshedRate(query: Traffic = {}): string {
  const { by = [], matchers } = query;
  const meshed = requests({ ...query, matchers: ['tls="true"', matchers].filter(Boolean).join(",") });
  return finish(by, share(by, rate(meshed, query), rate(requests(query), query)));
}
