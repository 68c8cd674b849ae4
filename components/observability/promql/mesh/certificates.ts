/**
 * The certificates of the installation.
 *
 * The identity controller exports the remaining seconds of its issuer (linkerd2 pkg/identity/service.go). Linkerd does not
 * export the expiry of the trust anchor and of the five webhook certificates. The program that creates them knows it, and
 * its rules record it as constants. Without these rules there is no such series, and the panel has no data.
 */
import { aggregate, type Query, select } from "../expression.ts";

/** The recorded constants: Unix time at which a certificate expires. Label: `certificate`. */
export const CERTIFICATE_END = "linkerd_mesh:certificate_expiration_timestamp_seconds";

/**
 * Seconds until the issuer in use expires; negative afterwards. The least of all replicas, which differ by when they were
 * scraped. Absent on 2.19 in viz's own Prometheus, which does not scrape the control plane there.
 */
export function issuerSeconds({ by = [], matchers }: Query = {}): string {
  return aggregate("min", by, select("issuer_cert_ttl_seconds", matchers));
}

/** Seconds until each certificate of the stack expires. */
export function certificateSeconds({ by = ["certificate"], matchers }: Query = {}): string {
  return `${aggregate("min", by, select(CERTIFICATE_END, matchers))} - time()`;
}
