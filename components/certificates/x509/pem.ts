/** Reads PEM texts (RFC 7468), and the DER fields of a certificate that node:crypto does not expose. */
import { X509Certificate } from "node:crypto";

/** One encapsulated object of a PEM text. */
export interface PemBlock {
  /** Its label, e.g. `CERTIFICATE`. */
  readonly label: string;
  /** Its text, from the BEGIN line to the END line. */
  readonly text: string;
}

/**
 * The blocks of a PEM text, each with lines of 64 columns. Text between blocks is ignored (RFC 7468, section 2).
 *
 * Environment variables and secret stores change PEM. Base64 needs no line breaks, so every change that leaves its
 * characters in order is undone: line breaks that are lost, spaces, CRLF, or written as the two characters `\n`; quotes
 * and indentation; and PEM that is encoded in base64 once more, as in the data of a Secret.
 */
export function parsePemBlocks(text: string): PemBlock[] {
  return [...decodePem(text).matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g)].map(
    ([, label = "", body = ""]) => ({
      label,
      text: [`-----BEGIN ${label}-----`, ...wrapBody(body), `-----END ${label}-----`].join("\n"),
    }),
  );
}

/** Undoes the escapes of line breaks, and base64 around PEM. */
function decodePem(text: string): string {
  const unescaped = text.replace(/\\r|\\n/g, "\n");
  const compact = unescaped.replace(/[\s"'\ufeff]/g, "");
  if (unescaped.includes("-----BEGIN ") || !/^[A-Za-z0-9+/]+=*$/.test(compact)) return unescaped;
  const decoded = Buffer.from(compact, "base64").toString("latin1");
  return decoded.includes("-----BEGIN ") ? decoded : unescaped;
}

/** The lines of a block. A block with headers (RFC 1421, an encrypted key) keeps its lines. */
function wrapBody(body: string): string[] {
  const compact = body.replace(/\s/g, "");
  if (/^[A-Za-z0-9+/=]*$/.test(compact)) return compact.match(/.{1,64}/g) ?? [];
  return body.trim().split(/\s*\n\s*/);
}

/** Whether a block has a BEGIN line and no END line, as in an incomplete copy. */
export function isTruncated(text: string): boolean {
  return (decodePem(text).match(/-----BEGIN /g)?.length ?? 0) > parsePemBlocks(text).length;
}

/**
 * The certificate in the form of the TLS provider and openssl: 64 columns, LF, one newline at the end. Linkerd hashes
 * the text of its trust anchors untrimmed (`linkerd.io/trust-root-sha256`, charts/partials, `_metadata.tpl`), so a
 * stray CRLF would restart the control plane.
 */
export function toCanonicalPem(certificate: X509Certificate): string {
  const base64 = certificate.raw.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

/** The certificates of a PEM text that is known to be valid; other blocks are ignored. */
export function parseCertificates(text: string): X509Certificate[] {
  return parsePemBlocks(text)
    .filter((block) => block.label === "CERTIFICATE")
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
