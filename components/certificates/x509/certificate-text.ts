/** Pure: certificates as people have them, and what is wrong with a text that should hold some. */
import { X509Certificate } from "node:crypto";
import { isCutOff, type PemBlock, pathLength, pemBlocks, signatureAlgorithm } from "./pem.ts";

/** What is wrong with one of the values that were given. */
export interface Mistake {
  /** Which one, as a path below `certificates`, e.g. `issuer.key`. */
  readonly path: string;
  /** What is wrong, what is expected and how to mend it. Never a part of a key. */
  readonly problem: string;
}

/** The certificates in a text, and what is wrong with it. */
export interface CertificateReading {
  readonly certificates: X509Certificate[];
  readonly problems: string[];
}

/** Reads every certificate of a PEM text, if it is known yet. `expected` says what should have been there. */
export function readCertificates(text: string | undefined, expected: string): CertificateReading {
  if (text === undefined) return { certificates: [], problems: [] };
  const wrong = (problem: string): CertificateReading => ({
    certificates: [],
    problems: [`${problem}. Expected ${expected}`],
  });
  if (text.trim() === "") return wrong("it is empty");
  const blocks = pemBlocks(text);
  if (isCutOff(text)) return wrong("the PEM breaks off: a BEGIN line has no END line");
  if (blocks.length === 0) return wrong(whyNoPem(text));

  const certificates: X509Certificate[] = [];
  const problems: string[] = [];
  blocks.forEach((block, index) => {
    const which = blocks.length === 1 ? "the block in it" : `block ${index + 1} of ${blocks.length}`;
    const problem = block.label === "CERTIFICATE" ? parsed(block, certificates) : foreign(block.label);
    if (problem) problems.push(`${which} ${problem}. Expected ${expected}`);
  });
  return { certificates, problems };
}

function parsed(block: PemBlock, certificates: X509Certificate[]): string | undefined {
  try {
    const certificate = new X509Certificate(block.text);
    // These are read when they are asked for, and fail only then.
    signatureAlgorithm(certificate);
    pathLength(certificate);
    if (
      !certificate.publicKey ||
      Number.isNaN(certificate.validToDate.getTime() + certificate.validFromDate.getTime())
    )
      throw new Error();
    certificates.push(certificate);
    return undefined;
  } catch {
    return "cannot be read as a certificate: it is damaged";
  }
}

function foreign(label: string): string {
  if (label.endsWith("PRIVATE KEY")) return "is a private key, and this setting is public: take it out";
  if (label.endsWith("CERTIFICATE REQUEST"))
    return "is a request for a certificate, which nobody has signed yet";
  if (label === "TRUSTED CERTIFICATE") {
    return "is in OpenSSL's own format. Convert it with: openssl x509 -in <file> -out <file>.pem";
  }
  return `is a ${label}`;
}

/** What a text without any PEM block seems to be. */
function whyNoPem(text: string): string {
  const trimmed = text.trim();
  if (/^[A-Za-z0-9+/=\s]+$/.test(trimmed) && trimmed.length > 64) {
    return Buffer.from(trimmed, "base64").toString("latin1").includes("-----BEGIN ")
      ? "it is PEM in base64 once more, as in a Kubernetes Secret: decode it with base64 -d"
      : "it is base64 without BEGIN and END lines";
  }
  if (!/\s/.test(trimmed) && /\.(pem|crt|cer|key|der)$/i.test(trimmed)) {
    return "it is the name of a file, not what stands in it";
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: DER is binary
  if (/[\x00-\x08\ufffd]/.test(text)) {
    return "it is binary (DER). Convert it with: openssl x509 -inform der -in <file> -out <file>.pem";
  }
  return "it holds no PEM block";
}

/** How messages name a certificate: its subject on one line, or its names where it has none. */
export function nameOf(certificate: X509Certificate): string {
  return (
    certificate.subject?.replaceAll("\n", ", ") ||
    certificate.subjectAltName ||
    "a certificate without a name"
  );
}

/** What is wrong with the time: that it has ended, or has not begun. */
export function validityPeriodIssue(certificate: X509Certificate, now: Date): string | undefined {
  if (certificate.validToDate <= now) {
    return `it ended ${certificate.validToDate.toISOString()}. Expected a certificate that is still valid`;
  }
  if (certificate.validFromDate > now) {
    return `it is not valid before ${certificate.validFromDate.toISOString()}. Expected one that is valid now: wait, or mend the clock of the machine that made it`;
  }
  return undefined;
}
