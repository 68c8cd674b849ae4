/** Reads certificates from the text that a caller gives, and describes text that is not PEM. */
import { X509Certificate } from "node:crypto";
import type { Fix, Reject, ValidationIssue } from "../../inputs/validation.ts";
import { readPathLength, readSignatureAlgorithm } from "./pem.ts";
import { type PemBlock, readPemText } from "./pem-text.ts";

/** What an issue reports about the text that was given. */
type Finding = Pick<ValidationIssue, "got" | "because" | "fixes"> & { readonly reason?: string };

/**
 * Reads every certificate of a PEM text. Returns those that are readable, also where other blocks are rejected.
 *
 * @param requirement completes "must be", e.g. `the trust anchors in PEM`
 */
export function readCertificates(text: unknown, requirement: string, reject: Reject): X509Certificate[] {
  const report = (finding: Finding) => reject({ reason: `must be ${requirement}`, ...finding });
  if (typeof text !== "string") {
    report({ got: text === undefined ? "nothing" : `a value of type ${typeof text}` });
    return [];
  }
  const { blocks, defect } = readPemText(text);
  if (defect !== undefined) {
    report({ got: defect });
    return [];
  }
  if (blocks.length === 0) {
    report(describeText(text));
    return [];
  }
  return blocks.flatMap((block, index) => {
    const certificate = block.label === "CERTIFICATE" ? parseCertificate(block) : undefined;
    if (certificate) return [certificate];
    const finding = describeBlock(block.label);
    const where = blocks.length === 1 ? "" : ` (block ${index + 1} of ${blocks.length})`;
    report({ ...finding, got: `${finding.got}${where}` });
    return [];
  });
}

function parseCertificate(block: PemBlock): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(block.text);
    // node:crypto parses these on first access and throws only then.
    readSignatureAlgorithm(certificate);
    readPathLength(certificate);
    const dates = certificate.validToDate.getTime() + certificate.validFromDate.getTime();
    return certificate.publicKey && !Number.isNaN(dates) ? certificate : undefined;
  } catch {
    return undefined; // The caller reports it; OpenSSL's message adds nothing that helps.
  }
}

function describeBlock(label: string): Finding {
  if (label === "CERTIFICATE") return { got: "a damaged certificate" };
  if (label.endsWith("PRIVATE KEY")) {
    return {
      reason: "must not contain a private key",
      got: "a private key",
      because: "This argument is public and is not stored as a secret",
      fixes: [{ kind: "instruction", text: "remove the private key from the text" }],
    };
  }
  if (label.endsWith("CERTIFICATE REQUEST")) {
    return {
      got: "a certificate request",
      because: "A request is not a certificate until a CA signs it",
    };
  }
  if (label === "TRUSTED CERTIFICATE") {
    return {
      got: "a certificate in OpenSSL's own format",
      fixes: convertWith("openssl x509 -in <file> -out <file>.pem"),
    };
  }
  return { got: `a PEM block with the label ${label}` };
}

/** Describes a text without any PEM block. */
function describeText(text: string): Finding {
  const trimmed = text.trim();
  if (trimmed === "") return { got: "an empty string" };
  if (/^[A-Za-z0-9+/=\s]+$/.test(trimmed) && trimmed.length > 64) {
    return { got: "base64 without BEGIN and END lines" };
  }
  if (!/\s/.test(trimmed) && /\.(pem|crt|cer|key|der)$/i.test(trimmed)) {
    return { got: "the name of a file instead of its content" };
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: DER is binary
  if (/[\x00-\x08\ufffd]/.test(text)) {
    return {
      got: "binary data (DER)",
      fixes: convertWith("openssl x509 -inform der -in <file> -out <file>.pem"),
    };
  }
  return { got: "text without a PEM block" };
}

function convertWith(command: string): Fix[] {
  return [{ kind: "instruction", text: `convert the file with: ${command}` }];
}
