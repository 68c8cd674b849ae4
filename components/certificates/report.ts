/** The report of certificates and the warnings about their expiry. The report does not change over time. */
import type { X509Certificate } from "node:crypto";
import { formatDistinguishedName } from "./x509/chain.ts";
import { parseCertificates } from "./x509/pem.ts";
import { describeKeyType } from "./x509/private-key.ts";

/** One certificate of the mesh. */
export interface CertificateSummary {
  /** Its role in the mesh, e.g. `trust-anchor`. */
  name: string;
  /** Its subject, e.g. `CN=root.linkerd.cluster.local`; its DNS name if it has no subject. */
  subject: string;
  /** The subject of the CA that signed it. */
  issuer: string;
  /** Type of its key, e.g. `ECDSA P-256`. */
  algorithm: string;
  /** Serial number, hexadecimal. */
  serial: string;
  /** Start of its validity, ISO 8601, UTC. */
  notBefore: string;
  /** End of its validity, ISO 8601, UTC. */
  notAfter: string;
}

/** Summarizes each certificate of `pems`, sorted by expiry, soonest first. Several in one PEM are numbered. */
export function report(pems: Record<string, string>): CertificateSummary[] {
  return Object.entries(pems)
    .flatMap(([name, pem]) => {
      const certificates = parseCertificates(pem);
      return certificates.map((certificate, index) =>
        summarize(certificates.length === 1 ? name : `${name}-${index + 1}`, certificate),
      );
    })
    .sort((a, b) => a.notAfter.localeCompare(b.notAfter) || a.name.localeCompare(b.name));
}

function summarize(name: string, certificate: X509Certificate): CertificateSummary {
  return {
    name,
    subject: formatDistinguishedName(certificate.subject) || (certificate.subjectAltName ?? ""),
    issuer: formatDistinguishedName(certificate.issuer),
    algorithm: describeKeyType(certificate.publicKey),
    serial: certificate.serialNumber,
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
  };
}

/** Default of the option `warnWithinDays`. */
export const DEFAULT_WARN_WITHIN_DAYS = 90;

/** One sentence for every certificate that expires within `days`, or has expired. */
export function formatExpiryWarnings(
  certificates: readonly CertificateSummary[],
  days: number,
  now = new Date(),
): string[] {
  const horizon = new Date(now.getTime() + days * 24 * 60 * 60 * 1000);
  return certificates
    .filter(({ notAfter }) => new Date(notAfter) <= horizon)
    .map(({ name, subject, notAfter }) => {
      const certificate = `The certificate ${name} (${subject})`;
      return new Date(notAfter) <= now
        ? `${certificate} expired ${notAfter}. See docs/rotation.md.`
        : `${certificate} expires ${notAfter}, within certificates.warnWithinDays (${days}). See docs/rotation.md.`;
    });
}
