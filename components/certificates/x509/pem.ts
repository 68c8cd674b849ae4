/** Pure: what stands in a PEM text (RFC 7468), and what a certificate says that node:crypto does not tell. */
import { X509Certificate } from "node:crypto";

/** One encapsulated object: its label, e.g. `CERTIFICATE`, and its text from BEGIN to END. */
export interface PemBlock {
  readonly label: string;
  readonly text: string;
}

/**
 * The blocks of a PEM text. Text around them is passed over (RFC 7468, section 2), lines may end in CRLF, and
 * spaces at the ends of lines are nothing.
 */
export function pemBlocks(text: string): PemBlock[] {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const whole = lines.join("\n");
  return [...whole.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----\n[\s\S]*?-----END \1-----/g)].map((match) => ({
    label: match[1] as string,
    text: match[0],
  }));
}

/** Whether a block that begins never ends: what a copy that broke off looks like. */
export function isCutOff(text: string): boolean {
  return (text.match(/-----BEGIN /g)?.length ?? 0) > pemBlocks(text).length;
}

/**
 * The certificate as the TLS provider and openssl write it: 64 columns, LF, one newline at the end. Linkerd
 * hashes the text of its trust anchors untrimmed (`linkerd.io/trust-root-sha256`, charts/partials,
 * `_metadata.tpl`), so that a stray CRLF would otherwise restart the control plane.
 */
export function canonicalPem(certificate: X509Certificate): string {
  const base64 = certificate.raw.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

/** The certificates of a text that is known to hold nothing else. */
export function certificatesIn(text: string): X509Certificate[] {
  return pemBlocks(text)
    .filter((block) => block.label === "CERTIFICATE")
    .map((block) => new X509Certificate(block.text));
}

/** SHA-256 of the certificate in a PEM text (DER), lower-case hex: `openssl x509 -outform der | sha256sum`. */
export function fingerprint(pem: string): string {
  return fingerprintOf(new X509Certificate(pem));
}

/** {@link fingerprint} */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(":", "").toLowerCase();
}

// Signature algorithms that Linkerd takes (linkerd2, pkg/issuercerts): RFC 5758, section 3.2; RFC 4055, section 5.
const SIGNATURES: Record<string, "ECDSA-SHA256" | "RSA-SHA256"> = {
  "2a8648ce3d040302": "ECDSA-SHA256",
  "2a864886f70d01010b": "RSA-SHA256",
};

/** How the certificate was signed; `undefined` for every way that Linkerd refuses. */
export function signatureAlgorithm(certificate: X509Certificate): "ECDSA-SHA256" | "RSA-SHA256" | undefined {
  // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID, … }, … } (RFC 5280, 4.1)
  const tbs = element(certificate.raw, element(certificate.raw, 0).start);
  const oid = element(certificate.raw, element(certificate.raw, tbs.end).start);
  return SIGNATURES[certificate.raw.subarray(oid.start, oid.end).toString("hex")];
}

/** How many authorities may stand between it and a leaf; `undefined` for any number (RFC 5280, 4.2.1.9). */
export function pathLength(certificate: X509Certificate): number | undefined {
  const der = certificate.raw;
  const at = der.indexOf(Buffer.from("0603551d13", "hex"));
  if (at < 0) return undefined;
  // Extension ::= SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING { SEQUENCE { BOOLEAN, INTEGER } } }
  let value = element(der, at + 5);
  if (der[at + 5] === 0x01) value = element(der, value.end);
  const constraints = element(der, value.start);
  for (let offset = constraints.start; offset < constraints.end; ) {
    const field = element(der, offset);
    if (der[offset] === 0x02) return der.readUIntBE(field.start, field.end - field.start);
    offset = field.end;
  }
  return undefined;
}

/** Where the contents of the DER element at `offset` start and end (X.690, 8.1.3). */
function element(der: Buffer, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  if (first < 0x80) return { start: offset + 2, end: offset + 2 + first };
  const bytes = first & 0x7f;
  const start = offset + 2 + bytes;
  return { start, end: start + der.readUIntBE(offset + 2, bytes) };
}
