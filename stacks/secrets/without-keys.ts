/** Pure: private keys removed from texts. It loads no SDK, so that commands that print such texts start fast. */

// As `components/certificates/x509/pem-text.ts` reads them: line breaks may be escaped, changed or missing.
// One backslash at a time: repeated, a run of them would match in exponentially many ways.
const GAP = String.raw`(?:[\s"',]|\\[nrt]?)`;
const PEM_KEY = new RegExp(
  `-----BEGIN(?:[A-Z]|${GAP})*?PRIVATE${GAP}*KEY${GAP}*-----[\\s\\S]*?-----END(?:[A-Z]|${GAP})*?KEY${GAP}*-----`,
  "g",
);
/** The label of a private key, as in its BEGIN line. */
export const KEY_LABEL = new RegExp(`PRIVATE${GAP}*KEY`);
const BASE64 = /[A-Za-z0-9+/]{40,}(?:(?:\s|\\+[nr])+[A-Za-z0-9+/]{20,})*=*/g;

/** A text without private keys: neither as PEM nor as PEM in base64, as in the data of a Secret. */
export function withoutKeys(text: string): string {
  return text
    .replace(PEM_KEY, "[a private key]")
    .replace(BASE64, (base64) => (containsEncodedKey(base64) ? "[a private key]" : base64));
}

/** Whether base64 text contains a private key. It may be encoded twice, and begin anywhere in other text. */
function containsEncodedKey(base64: string, depth = 2): boolean {
  if (depth === 0) return false;
  const compact = base64.replaceAll(/\s|\\+[nr]/g, "");
  return [0, 1, 2, 3].some((offset) => {
    const decoded = Buffer.from(compact.slice(offset), "base64").toString("latin1");
    if (KEY_LABEL.test(decoded)) return true;
    return /^[A-Za-z0-9+/=\s\\]{40}/.test(decoded) && containsEncodedKey(decoded, depth - 1);
  });
}
