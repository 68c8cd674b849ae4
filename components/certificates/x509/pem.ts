/** Certificates as PEM, and the DER fields of a certificate that node:crypto does not expose. */
import { X509Certificate } from "node:crypto";
import { readPemText, wrap } from "./pem-text.ts";

/**
 * The certificate in the form of the TLS provider and openssl: 64 columns, LF, one newline at the end. Linkerd hashes
 * the text of its trust anchors untrimmed (`linkerd.io/trust-root-sha256`, charts/partials, `_metadata.tpl`), so a
 * stray CRLF would restart the control plane.
 */
export function toCanonicalPem(certificate: X509Certificate): string {
  return `-----BEGIN CERTIFICATE-----\n${wrap(certificate.raw.toString("base64"))}\n-----END CERTIFICATE-----\n`;
}

/** The certificates of a PEM text that is known to be valid; other blocks are ignored. */
export function parseCertificates(text: string): X509Certificate[] {
  return readPemText(text)
    .blocks.filter((block) => block.label === "CERTIFICATE")
    .map((block) => new X509Certificate(block.text));
}

/** SHA-256 of the certificate in a PEM text (DER), lower-case hex: `openssl x509 -outform der | sha256sum`. */
export function fingerprint(pem: string): string {
  return fingerprintCertificate(new X509Certificate(pem));
}

/** {@link fingerprint} of a certificate that is parsed already. */
export function fingerprintCertificate(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

// The signature algorithms that Linkerd accepts (linkerd2, pkg/issuercerts): RFC 5758, section 3.2; RFC 4055, section 5.
const SIGNATURES: Record<string, "ECDSA-SHA256" | "RSA-SHA256"> = {
  "2a8648ce3d040302": "ECDSA-SHA256",
  "2a864886f70d01010b": "RSA-SHA256",
};

/** The algorithm of the certificate's signature; `undefined` for every algorithm that Linkerd rejects. */
export function readSignatureAlgorithm(
  certificate: X509Certificate,
): "ECDSA-SHA256" | "RSA-SHA256" | undefined {
  // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID, … }, … } (RFC 5280, 4.1)
  const tbs = readElement(certificate.raw, readElement(certificate.raw, 0).start);
  const oid = readElement(certificate.raw, readElement(certificate.raw, tbs.end).start);
  return SIGNATURES[certificate.raw.subarray(oid.start, oid.end).toString("hex")];
}

/** How many CAs may follow the certificate in a chain; `undefined` for any number (RFC 5280, 4.2.1.9). */
export function readPathLength(certificate: X509Certificate): number | undefined {
  const der = certificate.raw;
  const at = der.indexOf(Buffer.from("0603551d13", "hex"));
  if (at < 0) return undefined;
  // Extension ::= SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING { SEQUENCE { BOOLEAN, INTEGER } } }
  let value = readElement(der, at + 5);
  if (der[at + 5] === 0x01) value = readElement(der, value.end);
  const constraints = readElement(der, value.start);
  for (let offset = constraints.start; offset < constraints.end; ) {
    const field = readElement(der, offset);
    if (der[offset] === 0x02) return der.readUIntBE(field.start, field.end - field.start);
    offset = field.end;
  }
  return undefined;
}

/** Where the content of the DER element at `offset` starts and ends (X.690, 8.1.3). */
function readElement(der: Buffer, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  if (first < 0x80) return { start: offset + 2, end: offset + 2 + first };
  const bytes = first & 0x7f;
  const start = offset + 2 + bytes;
  return { start, end: start + der.readUIntBE(offset + 2, bytes) };
}
