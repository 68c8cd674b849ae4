/** Reads private keys from PEM. No issue contains any part of a key. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { Reader, Reject } from "../../inputs/validation.ts";
import { type PemBlock, readPemText } from "./pem-text.ts";

const REQUIREMENT = "must be one private key in PEM (PKCS#8 or SEC1), not encrypted";

/**
 * Reads one private key: PKCS#8 (RFC 5958), SEC1 (RFC 5915) or PKCS#1 (RFC 8017). Returns it as PKCS#8, the one encoding
 * that every part of Linkerd reads. Its policy validator (Rust, rustls) does not read `EC PRIVATE KEY`; its Go parts
 * read both.
 */
export const readPrivateKey: Reader<unknown, string> = (text, reject) => {
  if (typeof text !== "string") {
    return reject({
      reason: REQUIREMENT,
      got: text === undefined ? "nothing" : `a value of type ${typeof text}`,
    });
  }
  if (text.trim() === "") return reject({ reason: REQUIREMENT, got: "an empty string" });
  // `openssl ecparam -genkey` writes the curve before the key.
  const { blocks: all, defect } = readPemText(text);
  const blocks = all.filter(({ label }) => label !== "EC PARAMETERS");
  const [block, ...rest] = blocks;
  if (defect !== undefined || block === undefined) {
    return reject({ reason: REQUIREMENT, got: defect ?? "text without a PEM block" });
  }
  if (rest.length > 0) {
    const labels = blocks.map(({ label }) => label.toLowerCase()).join(" and ");
    return reject({ reason: REQUIREMENT, got: `${blocks.length} PEM blocks (${labels})` });
  }
  return readBlock(block, reject)?.export({ type: "pkcs8", format: "pem" }).toString();
};

function readBlock({ label, text }: PemBlock, reject: Reject): KeyObject | undefined {
  if (label === "ENCRYPTED PRIVATE KEY" || /Proc-Type:.*ENCRYPTED/.test(text)) {
    return reject({
      reason: "must not be encrypted",
      got: "an encrypted private key",
      because: "A deployment cannot prompt for a passphrase",
      fixes: [
        { kind: "instruction", text: "decrypt the key with: openssl pkey -in encrypted.key -out plain.key" },
      ],
    });
  }
  if (label === "OPENSSH PRIVATE KEY") {
    return reject({
      reason: REQUIREMENT,
      got: "a private key in OpenSSH's own format",
      fixes: [{ kind: "instruction", text: "convert the key with: ssh-keygen -p -m PKCS8 -f <file>" }],
    });
  }
  if (!["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"].includes(label)) {
    return reject({ reason: REQUIREMENT, got: `a PEM block with the label ${label}` });
  }
  const key = parseKey(text);
  return key ?? reject({ reason: "must be readable", got: "a damaged private key" });
}

function parseKey(text: string): KeyObject | undefined {
  try {
    const key = createPrivateKey(text);
    return isConsistent(key) ? key : undefined;
  } catch {
    return undefined; // The caller reports it; OpenSSL's message may quote what it could not read.
  }
}

/**
 * Whether the public half of the key verifies what the private half signs. OpenSSL accepts a key that is damaged in
 * its private half alone, and the public half would still match the certificate.
 */
function isConsistent(key: KeyObject): boolean {
  if (!["ec", "rsa"].includes(key.asymmetricKeyType ?? "")) return true;
  const proof = Buffer.from("linkerd-mesh");
  return verify("sha256", proof, createPublicKey(key), sign("sha256", proof, key));
}

/** SHA-256 of a key's public half (SubjectPublicKeyInfo, DER): the first 16 hex digits, enough to compare two keys. */
export function hashPublicKey(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  const der = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex").slice(0, 16);
}

/** The type of a key, e.g. `ECDSA P-256` or `RSA 4096`. */
export function describeKeyType(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec") {
    const nist: Record<string, string> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };
    return `ECDSA ${nist[namedCurve ?? ""] ?? namedCurve}`;
  }
  if (key.asymmetricKeyType === "rsa") return `RSA ${modulusLength}`;
  return key.asymmetricKeyType ?? "unknown";
}
