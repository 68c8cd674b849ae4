/** Texts as a reader may see them: without private keys, and with certificates by what identifies them. */
import { withoutKeys } from "../../stacks/secrets/without-keys.ts";
import { type CertificateIdentity, replaceCertificates } from "./certificates.ts";

/** How {@link redactText} begins the name of a certificate. */
const CERTIFICATE = "[certificate ";
/** Hexadecimal digits of a SHA-256 in a name. Certificates of one mesh differ in them. */
const DIGITS = 12;

/**
 * Removes private keys from a text, in each encoding that `withoutKeys` knows, and names each certificate by subject,
 * digest and expiry: `[certificate CN=root.linkerd, SHA-256 0a1b2c3d4e5f, expires 2126-01-01]`.
 */
export function redactText(text: string): string {
  return replaceCertificates(withoutKeys(text), describeCertificate);
}

/** Whether a text that {@link redactText} returned names a certificate. */
export function hasCertificate(text: string): boolean {
  return text.includes(CERTIFICATE);
}

function describeCertificate({ subject, sha256, notAfter }: CertificateIdentity): string {
  const date = notAfter.toISOString().slice(0, "YYYY-MM-DD".length);
  return `${CERTIFICATE}${subject}, SHA-256 ${sha256.slice(0, DIGITS)}, expires ${date}]`;
}
