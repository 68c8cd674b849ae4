/** Replaces certificates in text by what identifies them. A reader can't compare two bodies, and they fill the screen. */
import { createHash } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { readPemText } from "../../components/certificates/x509/pem-text.ts";

/** What identifies a certificate. */
export interface CertificateIdentity {
  /** Subject, such as `CN=root.linkerd.cluster.local`; its DNS names if it has no subject. */
  readonly subject: string;
  /** Subject of the CA that signed it. */
  readonly issuer: string;
  readonly isCa: boolean;
  /** What its key may do: names of RFC 5280, key usages first, such as `keyCertSign`, `serverAuth`. */
  readonly usages: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** SHA-256 of the certificate (DER), lower-case hex. */
  readonly sha256: string;
}

// As `components/certificates/x509/pem-text.ts` reads it: line breaks may be escaped, changed or missing.
const LABEL = String.raw`(?:[A-Z0-9\s"',]|\\[nrt]?)*?`;
const COMPLETE = `(?:(?!-----BEGIN)[\\s\\S])*?-----END${LABEL}-----`;
const INCOMPLETE = String.raw`[A-Za-z0-9+/=\s\\]*`;
const PEM = new RegExp(`-----BEGIN${LABEL}-----(?:${COMPLETE}|${INCOMPLETE})`, "g");
/** PEM in base64 begins with these characters: `-----BEGIN `. Lines of less than 20 characters are other text. */
const BASE64 = /LS0tLS1CRUdJTi[A-Za-z0-9+/]+(?:(?:\s|\\+[nr])+[A-Za-z0-9+/]{20,})*={0,2}/g;
/** The same, encoded twice. */
const BASE64_TWICE = /TFMwdExTMUNSVWRKVG[A-Za-z0-9+/]+={0,2}/g;

/**
 * A text in which `describe` replaces each certificate: in PEM, in PEM with escaped line breaks, and in base64 of these, once
 * or twice. Line breaks between certificates stay. Other PEM, such as a certificate request or a certificate without its
 * end, becomes its label in brackets. Private keys are the task of `withoutKeys` (`stacks/secrets/without-keys.ts`): call
 * it first.
 */
export function replaceCertificates(
  text: string,
  describe: (certificate: CertificateIdentity) => string,
): string {
  return text
    .replace(BASE64_TWICE, (base64) => replaceDecoded(base64, describe))
    .replace(BASE64, (base64) => replaceDecoded(base64, describe))
    .replace(PEM, (pem) => replaceBlock(pem, describe));
}

/** The certificates of base64 text, one a line. What else the text contains is left out. */
function replaceDecoded(base64: string, describe: (certificate: CertificateIdentity) => string): string {
  const decoded = Buffer.from(base64.replaceAll(/\s|\\+[nr]/g, ""), "base64").toString("latin1");
  const found: string[] = [];
  replaceCertificates(decoded, (certificate) => {
    found.push(describe(certificate));
    return "";
  });
  return found.length > 0 ? found.join("\n") : "[PEM in base64]";
}

function replaceBlock(pem: string, describe: (certificate: CertificateIdentity) => string): string {
  const [block] = readPemText(pem).blocks;
  if (block === undefined) return "[incomplete PEM]";
  const identity = block.label === "CERTIFICATE" ? readIdentity(block.text) : undefined;
  return identity === undefined ? `[${block.label.toLowerCase()}]` : describe(identity);
}

/** Reads what identifies a certificate. `undefined` if it cannot be read. */
function readIdentity(pem: string): CertificateIdentity | undefined {
  try {
    const certificate = new x509.X509Certificate(pem);
    const constraints = certificate.getExtension(x509.BasicConstraintsExtension);
    const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
    return {
      subject: certificate.subject || names.map(({ value }) => value).join(", "),
      issuer: certificate.issuer,
      isCa: constraints?.ca ?? false,
      usages: [...readKeyUsages(certificate), ...readExtendedKeyUsages(certificate)],
      notBefore: certificate.notBefore,
      notAfter: certificate.notAfter,
      sha256: createHash("sha256").update(Buffer.from(certificate.rawData)).digest("hex"),
    };
  } catch {
    return undefined; // The caller replaces it by its label.
  }
}

function readKeyUsages(certificate: x509.X509Certificate): string[] {
  const flags = certificate.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  return Object.entries(x509.KeyUsageFlags)
    .filter(([, flag]) => typeof flag === "number" && (flags & flag) !== 0)
    .map(([name]) => name);
}

function readExtendedKeyUsages(certificate: x509.X509Certificate): string[] {
  const usages = certificate.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  const names = new Map(Object.entries(x509.ExtendedKeyUsage).map(([name, oid]) => [oid as string, name]));
  return usages.map((oid) => names.get(oid as string) ?? (oid as string));
}
