/** How messages name a certificate. */
import type { CertificateIdentity } from "../redaction/certificates.ts";

/** Names a certificate by subject, digest and expiry, e.g. `[certificate CN=root.linkerd, SHA-256 0a1b2c3d4e5f, expires 2126-01-01]`. */
export function describeCertificate({ subject, sha256, notAfter }: CertificateIdentity): string {
  const date = notAfter.toISOString().slice(0, "YYYY-MM-DD".length);
  return `[certificate ${subject}, SHA-256 ${sha256.slice(0, 12)}, expires ${date}]`;
}
