/** Counts the series of proxies. */
import type { Series } from "../test/support/metrics/history.ts";

/**
 * Series that each proxy exports and that no query uses, so that the shop does not have them: `stack_*` (60), the queues of the
 * three controllers (66), `control_dns_resolutions_total` (16), the runtime's and others. This is the least of seven proxies of
 * edge-26.8.3 that were recorded on a real node. Those with HTTP have up to 284, all of which the keep list drops.
 */
export const OTHER_SERIES = 176;

/** Returns the number of series of each proxy, in no order. Those of containers do not count. */
export function countByProxy(series: readonly Series[]): number[] {
  const proxies = series.filter(({ labels }) => labels.job === "linkerd-proxy");
  const counts = new Map<string, number>();
  for (const { labels } of proxies) {
    const proxy = `${labels.namespace}/${labels.pod}`;
    counts.set(proxy, (counts.get(proxy) ?? 0) + 1);
  }
  return [...counts.values()];
}
