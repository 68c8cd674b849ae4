/** Texts of the engine without secrets: private keys removed, certificates by their identity, without colors. */
import { stripVTControlCharacters } from "node:util";
import { withoutKeys } from "../../stacks/secrets/without-keys.ts";
import { type CertificateIdentity, replaceCertificates } from "../redaction/certificates.ts";

/** Colors that the engine's diagnostics may have: `<{%fg 1%}>`. */
const COLOR = /<\{%[^%]*%\}>/g;

/** A text as a summary may show it. */
export function redact(text: string): string {
  const plain = stripVTControlCharacters(text).replace(COLOR, "");
  return replaceCertificates(withoutKeys(plain), formatCertificate);
}

function formatCertificate({ subject, sha256, notAfter }: CertificateIdentity): string {
  return `${subject} (SHA-256 ${sha256.slice(0, 16)}, expires ${notAfter.toISOString().slice(0, 10)})`;
}
