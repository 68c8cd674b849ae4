/**
 * Requests and connections that an authorization policy denies, on the callee's side.
 *
 * Source: linkerd2-proxy, linkerd/app/inbound/src/metrics/authz.rs. A denied request does not reach the application, and is
 * not in `response_total` of the callee. Its caller sees a 403.
 */
import { finish, increase, type Query, rate, select, sumBy } from "../expression.ts";

/** Denials per application: not those of scrapes. */
const APPLICATION_PORT = 'srv_port!="4191"';
const ADMIN_PORT = 'srv_port="4191"';

/** What `over` computes of both families. Those of HTTP have labels of a route, so that no series of one hides one of the other. */
function denied(port: string, { by = [], matchers }: Query, over: (selector: string) => string): string {
  const families = ["inbound_http_authz_deny_total", "inbound_tcp_authz_deny_total"];
  return finish(by, sumBy(by, families.map((metric) => over(select(metric, port, matchers))).join(" or ")));
}

/**
 * Denied requests and connections per second. Labels for `by`: `caller`, `srv_name` and `srv_port` of the Server, and those of
 * the denied workload.
 */
export function deniedRate(query: Query = {}): string {
  return denied(APPLICATION_PORT, query, (selector) => rate(selector, query));
}

/** How many requests and connections were denied within the window. */
export function deniedCount(query: Query = {}): string {
  return denied(APPLICATION_PORT, query, (selector) => increase(selector, query));
}

/** Denied requests per second to the proxies' own admin port: a policy that forbids the scrapes. */
export function deniedScrapeRate(query: Query = {}): string {
  return denied(ADMIN_PORT, query, (selector) => rate(selector, query));
}
