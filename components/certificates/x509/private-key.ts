/** Pure: private keys as people have them. Nothing here ever puts a part of a key into a message. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { isCutOff, pemBlocks } from "./pem.ts";

/** A key that can be used, or what is wrong with the text that should hold one. */
export interface KeyReading {
  key?: KeyObject;
  problem?: string;
}

const EXPECTED = "Expected one private key, PEM, PKCS#8 or SEC1, not encrypted";

/** Reads a private key, if it is known yet, from PEM: PKCS#8 (RFC 5958), SEC1 (RFC 5915) or PKCS#1 (RFC 8017). */
export function readPrivateKey(text: string | undefined): KeyReading {
  if (text === undefined) return {};
  if (text.trim() === "") return { problem: `it is empty. ${EXPECTED}` };
  const blocks = pemBlocks(text);
  // `openssl ecparam -genkey` writes the curve before the key.
  const keys = blocks.filter((block) => block.label !== "EC PARAMETERS");
  const [first] = keys;
  if (first === undefined) {
    return {
      problem: isCutOff(text)
        ? `the PEM breaks off: a BEGIN line has no END line. ${EXPECTED}`
        : `it holds no PEM block. ${EXPECTED}`,
    };
  }
  if (keys.length > 1) {
    return { problem: `it holds ${keys.map((block) => block.label).join(" and ")}. ${EXPECTED}` };
  }
  if (first.label === "ENCRYPTED PRIVATE KEY" || /^Proc-Type:.*ENCRYPTED/m.test(first.text)) {
    return {
      problem: `the key is encrypted, and nobody will be there to type its passphrase. ${EXPECTED}. Decrypt it with: openssl pkey -in encrypted.key -out plain.key`,
    };
  }
  if (first.label === "OPENSSH PRIVATE KEY") {
    return {
      problem: `the key is in OpenSSH's own format. ${EXPECTED}. Convert it with: ssh-keygen -p -m PKCS8 -f <file>`,
    };
  }
  if (first.label === "CERTIFICATE") return { problem: `it is a certificate, not its key. ${EXPECTED}` };
  if (first.label === "PUBLIC KEY") return { problem: `it is a public key. ${EXPECTED}` };
  if (!["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"].includes(first.label)) {
    return { problem: `it is a ${first.label}. ${EXPECTED}` };
  }
  const damaged = { problem: `the ${first.label} in it cannot be read: it is damaged. ${EXPECTED}` };
  try {
    const key = createPrivateKey(first.text);
    return isWhole(key) ? { key } : damaged;
  } catch {
    return damaged;
  }
}

/**
 * Whether what the key signs, its own public half verifies. OpenSSL reads a key that was damaged in its private
 * half alone, and it would still be taken for the certificate's by the public one.
 */
function isWhole(key: KeyObject): boolean {
  if (!["ec", "rsa"].includes(key.asymmetricKeyType ?? "")) return true;
  const proof = Buffer.from("linkerd-mesh");
  return verify("sha256", proof, createPublicKey(key), sign("sha256", proof, key));
}

/**
 * The key as PKCS#8: the one encoding that all of Linkerd reads. Its policy validator (Rust, rustls) takes no
 * `EC PRIVATE KEY`, its Go parts take both.
 */
export function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

/** SHA-256 of a key's public half (SubjectPublicKeyInfo, DER), shortened: enough to tell two keys apart. */
export function publicHash(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  const der = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(der).digest("hex").slice(0, 16);
}

/** What kind of key it is, e.g. `ECDSA P-256` or `RSA 4096`. */
export function keyAlgorithm(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec") {
    const nist: Record<string, string> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };
    return `ECDSA ${nist[namedCurve ?? ""] ?? namedCurve}`;
  }
  if (key.asymmetricKeyType === "rsa") return `RSA ${modulusLength}`;
  return key.asymmetricKeyType ?? "unknown";
}
