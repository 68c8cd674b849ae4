/** Queries about certificates that are due for renewal, for alerts. */
import { CERTIFICATE_END } from "./certificates.ts";

/**
 * Seconds between the expiry of the issuer in use and of the issuer that the stack deployed; the largest value of the
 * replicas. In a PEM with a chain, the report numbers the certificates, and the first is the issuer.
 */
export function issuerExpiryDifference(): string {
  const deployed = `max(${CERTIFICATE_END}{certificate=~"identity-issuer(-1)?"})`;
  return `max(abs(issuer_cert_ttl_seconds + time() - on () group_left () ${deployed}))`;
}

/**
 * The share of its validity that the certificate of a proxy has left, from 1 to 0, and negative after the expiry, by
 * `namespace` and `pod`. A proxy renews its certificate when 0.3 are left (linkerd2-proxy,
 * linkerd/proxy/identity-client/src/certify.rs), whatever the validity is.
 */
export function proxyCertificateShareLeft(): string {
  const expiry = "control_identity_cert_expiration_timestamp_seconds";
  const validity = `(${expiry} - control_identity_cert_refresh_timestamp_seconds)`;
  return `min by (namespace, pod) (((${expiry} > 0) - time()) / ${validity})`;
}
