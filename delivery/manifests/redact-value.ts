/** Values without private keys and without the bodies of certificates. */
import { withoutKeys } from "../../stacks/secrets/without-keys.ts";
import { describeCertificate } from "../objects/describe-certificate.ts";
import type { Json } from "../objects/kubernetes-object.ts";
import { replaceCertificates } from "../redaction/certificates.ts";

/** `[certificate ` in base64: charts encode the placeholders of a recorded stack, such as in `caBundle`. */
const PLACEHOLDER = /W2NlcnRpZmljYXRlI[A-Za-z0-9+/]+={0,2}/g;

/** Replaces private keys in all texts of a value, and names each certificate by subject, digest and expiry. */
export function redactValue(value: Json): Json {
  if (typeof value === "string") {
    return decodePlaceholders(replaceCertificates(withoutKeys(value), describeCertificate));
  }
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, redactValue(field as Json)]));
}

function decodePlaceholders(text: string): string {
  return text.replace(PLACEHOLDER, (base64) => Buffer.from(base64, "base64").toString().trim());
}
