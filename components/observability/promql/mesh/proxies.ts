/**
 * The proxies themselves: versions, identities and their processes.
 *
 * Source: linkerd2-proxy, linkerd/app/src/lib.rs and linkerd/identity/src/metrics.rs, on 2.19 and later.
 */

import { KIND_LABELS } from "../derived-labels.ts";
import { aggregate, finish, increase, type Query, rate, select, sumBy } from "../expression.ts";

/**
 * A matcher of the label that exactly the series of proxies have, from a label of the pod. It replaces a matcher of `job`, whose value
 * depends on who scrapes. Needed for `process_*` and `up`, which every target has.
 */
export const PROXY = 'control_plane_ns!=""';

/**
 * The number of proxies. A label for `by`: `version`. A pod label `version` takes the place of the proxy's label, which
 * becomes `exported_version`.
 */
export function proxyCount(query: Query = {}): string {
  const { by = [], matchers } = query;
  const proxies = select("proxy_build_info", matchers);
  const versions = `label_replace(${proxies}, "version", "$1", "exported_version", "(.+)")`;
  return finish(by, sumBy(by, by.includes("version") ? versions : proxies));
}

/**
 * One series with the value 1 for each proxy, with the labels of its workload: the right side of a join that gives
 * workloads to series of pods. `max` leaves one series where a restart left two.
 */
export function proxiesOfPods(matchers?: string): string {
  return `max by (namespace, ${KIND_LABELS.join(", ")}) (${select("proxy_build_info", matchers)})`;
}

const CERTIFICATE_END = "control_identity_cert_expiration_timestamp_seconds";

/**
 * Proxies without an identity: the end of the certificate is 0 until the first one is issued. They send and receive no
 * mTLS.
 */
export function proxiesWithoutIdentity(query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, `${select(CERTIFICATE_END, matchers)} == bool 0`));
}

/**
 * Seconds until the first certificate of a proxy expires. A certificate is valid for 24 hours and is renewed after 70 % of that, so
 * less than 7 hours means that renewals fail. `identity_cert_expiration_timestamp_seconds`, without `control_`, is the name
 * of old proxies and has no series.
 */
export function proxyCertificateSeconds(query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, `${aggregate("min", by, `${select(CERTIFICATE_END, matchers)} > 0`)} - time()`);
}

/** Renewals of proxies' certificates within the window. */
export function proxyCertificateRenewals(result: "ok" | "error", query: Query = {}): string {
  const { by = [], matchers } = query;
  const renewals = select("control_identity_cert_refreshes_total", `result="${result}"`, matchers);
  return finish(by, sumBy(by, increase(renewals, query)));
}

/** CPU seconds per second of proxies, as they measure themselves. */
export function proxyCpu(query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, rate(select("process_cpu_seconds_total", PROXY, matchers), query)));
}

/** Resident memory of proxies in bytes, as they measure themselves. */
export function proxyMemory(query: Query = {}): string {
  const { by = [], matchers } = query;
  return finish(by, sumBy(by, select("process_resident_memory_bytes", PROXY, matchers)));
}

/** Restarts of proxies within the window: changes of the time at which the process started. */
export function proxyRestarts(query: Query = {}): string {
  const { by = [], matchers } = query;
  const start = select("process_start_time_seconds", PROXY, matchers);
  return finish(by, sumBy(by, `changes(${start}[${query.window ?? "$__rate_interval"}])`));
}
