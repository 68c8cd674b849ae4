/**
 * What a caller's proxy knows of the endpoints of a Service.
 *
 * Source: linkerd2-proxy, linkerd/app/outbound/src/http/concrete/metrics.rs, on 2.19 and later.
 */
import { finish, type Query, rate, select, sumBy } from "../expression.ts";

/**
 * Endpoints by the label `endpoint_state`: `ready`, or `pending`, which is not connected or has an open circuit. Each caller
 * has endpoints of its own, so the sum over callers counts an endpoint once for each.
 */
export function balancerEndpoints(query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, select("outbound_http_balancer_endpoints", matchers)));
}

/** Seconds that a request waits for an endpoint, on average. No series without traffic. */
export function balancerQueueSeconds(query: Query = {}): string {
  const { by = [], matchers } = query;
  const latency = (suffix: string) =>
    sumBy(by, rate(select(`outbound_http_balancer_queue_latency_seconds_${suffix}`, matchers), query));
  return finish(by, `${latency("sum")} / (${latency("count")} > 0)`);
}
