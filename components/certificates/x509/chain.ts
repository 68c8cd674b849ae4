/** Rules for parsed certificates: what a CA must be, when a certificate is valid, who signed it, whose key it has. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Reject } from "../../inputs/validation.ts";
import { readSignatureAlgorithm } from "./pem.ts";
import { hashPublicKey } from "./private-key.ts";

/** Whether `ca` signed `certificate`: by name, by key usage, and by the signature itself. */
export function isSignedBy(certificate: X509Certificate, ca: X509Certificate): boolean {
  return certificate.checkIssued(ca) && certificate.verify(ca.publicKey);
}

/** Checks the requirements for every CA that a caller provides. */
export function checkCa(certificate: X509Certificate, reject: Reject): void {
  // OpenSSL's definition: basicConstraints has CA, and keyUsage, if there is one, includes certificate signing.
  if (!certificate.ca) {
    reject({
      reason: "must be a CA certificate",
      got: "one whose basic constraints lack CA, or whose key usage lacks certificate signing",
    });
  }
  if (!readSignatureAlgorithm(certificate)) {
    reject({
      reason: "must be signed with ECDSA or RSA, and SHA-256",
      got: "another signature algorithm",
      because: "Linkerd accepts no other",
    });
  }
  checkValidityPeriod(certificate, reject);
}

/** Checks that the certificate is valid now. */
export function checkValidityPeriod(certificate: X509Certificate, reject: Reject): void {
  const now = new Date();
  const { validFromDate, validToDate } = certificate;
  if (validToDate <= now) {
    reject({ reason: "must be valid now", got: `a certificate that expired ${validToDate.toISOString()}` });
  } else if (validFromDate > now) {
    reject({
      reason: "must be valid now",
      got: `a certificate that is not valid before ${validFromDate.toISOString()}`,
      fixes: [
        { kind: "instruction", text: "wait until then, or correct the clock of the machine that created it" },
      ],
    });
  }
}

/** Returns the CA that signed `certificate`. `where` is the argument that holds `cas`, e.g. `trustAnchors`. */
export function findSigner(
  certificate: X509Certificate,
  cas: readonly X509Certificate[],
  where: string,
  reject: Reject,
): X509Certificate | undefined {
  const signer = cas.find((ca) => isSignedBy(certificate, ca));
  if (signer) return signer;
  const issuer = formatDistinguishedName(certificate.issuer) || "a CA without a name";
  const got = cas.some((ca) => ca.subject === certificate.issuer)
    ? `one that names ${issuer} as its issuer and is signed by another key of that name`
    : `one that is signed by ${issuer}, while ${where} has ${cas.map(formatName).join("; ")}`;
  return reject({ reason: `must be signed by a certificate in ${where}`, got });
}

/** Checks that the key belongs to the certificate, which is in the argument `where`. */
export function checkKeyMatch(
  { privateKeyPem, certPem }: { readonly privateKeyPem: string; readonly certPem: string },
  where: string,
  reject: Reject,
): void {
  const [key, certificate] = [createPrivateKey(privateKeyPem), new X509Certificate(certPem)];
  if (certificate.checkPrivateKey(key)) return;
  const [given, required] = [hashPublicKey(key), hashPublicKey(certificate.publicKey)];
  reject({
    reason: `must belong to ${where}`,
    got: `a key whose public key has SHA-256 ${given}…, while the certificate has ${required}…`,
  });
}

/** A certificate's name in messages: its subject on one line, or its subject alternative names if it has no subject. */
export function formatName(certificate: X509Certificate): string {
  return (
    formatDistinguishedName(certificate.subject) ||
    certificate.subjectAltName ||
    "a certificate without a name"
  );
}

/** A distinguished name on one line. node:crypto separates its parts by newlines. */
export function formatDistinguishedName(name: string | undefined): string {
  return name?.replaceAll("\n", ", ") ?? "";
}
