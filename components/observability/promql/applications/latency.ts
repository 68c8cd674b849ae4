/**
 * Latency: milliseconds from the request's first byte at the proxy to the response's first byte. Failures are included.
 * A stream is counted when it ends.
 */
import { finish, rate, select, share, sumBy } from "../expression.ts";
import { APPLICATION, type Traffic } from "./traffic.ts";

/**
 * Upper bounds of the buckets that Prometheus keeps, in milliseconds: 1, 2 and 5 times each power of ten. A quantile lies
 * between two of them, and is interpolated. The histograms in seconds of the policy routes have four bounds: no quantile
 * of them is honest, see `routes.ts`.
 */
export const LATENCY_BOUNDS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000,
] as const;

/**
 * The other bounds of the proxy (linkerd2-proxy linkerd/app/core/src/metrics.rs). Buckets are most of a proxy's series, and
 * a histogram is as valid without these.
 */
export const OMITTED_BOUNDS_MS = [3, 4, 30, 40, 300, 400, 3000, 4000, 30_000, 40_000] as const;

/** A pattern for the label `le` of these bounds. Prometheus 3 stores `10` as `10.0`, Prometheus 2 as the proxy writes it. */
export function boundPattern(bounds: readonly number[]): string {
  return bounds.map((bound) => `${bound}([.]0)?`).join("|");
}

/** A matcher of one bound. */
export function boundMatcher(bound: number): string {
  return `le=~"${boundPattern([bound])}"`;
}

const samples = (suffix: string, { traffic = APPLICATION, matchers }: Traffic, bound?: string) =>
  select(`response_latency_ms_${suffix}`, traffic, bound, matchers);

/** A quantile in milliseconds, for example 0.99. No series without traffic: `>= 0` removes NaN. */
export function latencyQuantile(quantile: number, query: Traffic = {}): string {
  const { by = [] } = query;
  const buckets = sumBy(["le", ...by], rate(samples("bucket", query), query));
  return finish(by, `histogram_quantile(${quantile}, ${buckets}) >= 0`);
}

/** The share of responses that take at most so many milliseconds, 0 to 1. The number is one of {@link LATENCY_BOUNDS_MS}. */
export function latencyShareWithin(milliseconds: number, query: Traffic = {}): string {
  const { by = [] } = query;
  const within = rate(samples("bucket", query, boundMatcher(milliseconds)), query);
  return finish(by, share(by, within, rate(samples("count", query), query)));
}

/** The share of responses that take longer, 0 to 1. The number is one of {@link LATENCY_BOUNDS_MS}. */
export function latencyShareAbove(milliseconds: number, query: Traffic = {}): string {
  return `1 - (${latencyShareWithin(milliseconds, query)})`;
}

/**
 * How many requests wait for the first byte of their response, on average: arrivals per second times seconds each (Little's
 * law). The difference of `request_total` and `response_total` is not that number, because a proxy removes idle series of both
 * at different times.
 */
export function requestsInFlight(query: Traffic = {}): string {
  const { by = [] } = query;
  return finish(by, `${sumBy(by, rate(samples("sum", query), query))} / 1000`);
}
