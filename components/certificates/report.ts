/** Pure: what ends when. Nothing in the report changes from day to day; the warnings do. */
import type { X509Certificate } from "node:crypto";
import { certificatesIn } from "./x509/pem.ts";
import { keyAlgorithm } from "./x509/private-key.ts";

/** What a person asks of a certificate. */
export interface CertificateSummary {
  /** What it is in the mesh, e.g. `trust-anchor`. */
  name: string;
  /** Its subject, e.g. `CN=root.linkerd.cluster.local`; its DNS name where that is too long for a subject. */
  subject: string;
  /** The subject of the one that signed it. */
  issuer: string;
  /** Kind of its key, e.g. `ECDSA P-256`. */
  algorithm: string;
  /** Serial number, hexadecimal. */
  serial: string;
  /** When it begins, ISO 8601, UTC. */
  notBefore: string;
  /** When it ends, ISO 8601, UTC. */
  notAfter: string;
}

/** One line for each certificate of `pems`, what ends first first. Names of several in one PEM are numbered. */
export function report(pems: Record<string, string>): CertificateSummary[] {
  return Object.entries(pems)
    .flatMap(([name, pem]) => {
      const certificates = certificatesIn(pem);
      return certificates.map((certificate, index) =>
        summarize(certificates.length === 1 ? name : `${name}-${index + 1}`, certificate),
      );
    })
    .sort((a, b) => a.notAfter.localeCompare(b.notAfter) || a.name.localeCompare(b.name));
}

function summarize(name: string, certificate: X509Certificate): CertificateSummary {
  const line = (distinguishedName: string | undefined) => distinguishedName?.replaceAll("\n", ", ");
  return {
    name,
    subject: line(certificate.subject) || (certificate.subjectAltName ?? ""),
    issuer: line(certificate.issuer) ?? "",
    algorithm: keyAlgorithm(certificate.publicKey),
    serial: certificate.serialNumber,
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
  };
}

/** Days before the end of a certificate from which a preview warns of it. */
export const DEFAULT_WARN_WITHIN_DAYS = 90;

/** One sentence for every certificate that ends within `days`, or has ended. */
export function endingSoon(certificates: CertificateSummary[], days: number, now = new Date()): string[] {
  const horizon = new Date(now.getTime() + days * 24 * 60 * 60 * 1000);
  return certificates
    .filter(({ notAfter }) => new Date(notAfter) <= horizon)
    .map(
      ({ name, subject, notAfter }) =>
        `The certificate ${name} (${subject}) ${new Date(notAfter) <= now ? "ended" : "ends"} ${notAfter}, ` +
        `within the ${days} days of certificates.warnWithinDays. See docs/rotation.md.`,
    );
}
