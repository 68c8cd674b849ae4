/** Prometheus itself: what it sees, and what it does not. */
import { aggregate, type Query, select, sumBy } from "../expression.ts";
import { PROXY } from "./proxies.ts";

/**
 * The controllers by their container, which is the label `component` in viz and with the operator. viz's Prometheus of 2.19
 * scrapes none of them, because it only knows ports that are called `admin`.
 */
export const CONTROLLERS = ["destination", "identity", "policy", "proxy-injector", "sp-validator"] as const;

const controllers = `control_plane_ns="",component=~"${CONTROLLERS.join("|")}"`;

/** Who is scraped. */
export type Targets = "proxies" | "controllers";

const MATCHERS: Readonly<Record<Targets, string>> = { proxies: PROXY, controllers };

const up = (targets: Targets, matchers?: string) => select("up", MATCHERS[targets], matchers);

/** Targets that answer. 0 where there are none, because their absence is what matters. */
export function targetsUp(targets: Targets, { by = [], matchers }: Query = {}): string {
  const answering = sumBy(by, up(targets, matchers));
  return by.length === 0 ? `${answering} or vector(0)` : answering;
}

/** Replicas of a controller that answer. 0 where there are none. */
export function controllersUp(controller: (typeof CONTROLLERS)[number]): string {
  return `${sumBy([], select("up", 'control_plane_ns=""', `component="${controller}"`))} or vector(0)`;
}

/** Targets that do not answer. */
export function targetsDown(targets: Targets, { by = [], matchers }: Query = {}): string {
  return sumBy(by, `1 - ${up(targets, matchers)}`);
}

/** The slowest scrape in seconds. */
export function slowestScrape(targets: Targets, { by = [], matchers }: Query = {}): string {
  return aggregate("max", by, select("scrape_duration_seconds", MATCHERS[targets], matchers));
}

/** Samples that a scrape of one proxy brings, at most: what the mesh costs Prometheus. */
export function samplesPerScrape(targets: Targets, { by = [], matchers }: Query = {}): string {
  return aggregate("max", by, select("scrape_samples_post_metric_relabeling", MATCHERS[targets], matchers));
}

/** Series in memory of the Prometheus that answers. It has to scrape itself. */
export function headSeries({ by = [], matchers }: Query = {}): string {
  return aggregate("max", by, select("prometheus_tsdb_head_series", matchers));
}

/**
 * Pods that run a proxy and are not a target: the watchdog of everything else here. Needs cAdvisor and the scrapes in one
 * Prometheus.
 */
export function unscrapedProxies(matchers?: string): string {
  const running = select("container_memory_working_set_bytes", 'container="linkerd-proxy"', matchers);
  return `group by (namespace, pod) (${running} unless on (namespace, pod) ${up("proxies", matchers)})`;
}
