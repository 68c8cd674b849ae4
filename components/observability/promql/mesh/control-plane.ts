/**
 * The control plane: calls of proxies, as the proxies see them, and the destination controller's own view.
 *
 * Sources: linkerd2-proxy, linkerd/app/core/src/control.rs; linkerd2 controller/api/destination.
 */
import { finish, type Query, rate, select, share, sumBy } from "../expression.ts";

const calls = (suffix: string, ...matchers: readonly (string | undefined)[]) =>
  select(`control_${suffix}`, ...matchers);

/**
 * Calls per second that proxies begin. Label: `controller`. Most are streams that last for hours, so a calm mesh has few.
 */
export function controlRequestRate(query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, rate(calls("request_total", matchers), query)));
}

/**
 * The share of calls that fail, 0 to 1. Calls that a proxy can not begin are not counted as responses. A stream that the
 * controller ends when it restarts is a failure.
 */
export function controlFailureRate(query: Query = {}): string {
  const { by = [], matchers } = query;
  const failed = rate(calls("response_total", 'classification="failure"', matchers), query);
  return finish(by, share(by, failed, rate(calls("response_total", matchers), query)));
}

/**
 * Milliseconds to a first answer, on average. A quantile would need 26 series for each controller and status of each proxy,
 * a tenth of its series.
 */
export function controlLatency(query: Query = {}): string {
  const { by = [], matchers } = query;
  const latency = (suffix: string) =>
    sumBy(by, rate(calls(`response_latency_ms_${suffix}`, matchers), query));
  return finish(by, `${latency("sum")} / (${latency("count")} > 0)`);
}

/** The queues of the destination controller. Their counters have no suffix `_total`. */
export const DESTINATION_QUEUES = ["endpoint", "endpoint_profile", "profile"] as const;

/**
 * Updates that the destination controller dropped because a proxy reads too slowly, since it started. Not an increase:
 * Prometheus 3 warns of a counter without the suffix.
 */
export function destinationOverflow(queue: (typeof DESTINATION_QUEUES)[number], query: Query = {}): string {
  const { by = [], matchers } = query;
  return sumBy(by, select(`${queue}_updates_queue_overflow`, matchers));
}

/** Seconds between a change of an EndpointSlice and its arrival at a controller, on average. Label: `component`. */
export function informerLag(query: Query = {}): string {
  const { by = [], matchers } = query;
  const lag = (suffix: string) =>
    sumBy(by, rate(select(`endpointslices_informer_lag_seconds_${suffix}`, matchers), query));
  return `${lag("sum")} / (${lag("count")} > 0)`;
}
