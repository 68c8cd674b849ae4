/** Reads PEM texts (RFC 7468), also those whose line breaks or encoding changed on their way to the configuration. */

/** One encapsulated object of a PEM text. */
export interface PemBlock {
  /** Its label, e.g. `CERTIFICATE`. */
  readonly label: string;
  /** Its text, from the BEGIN line to the END line: 64 columns, LF. Not changed if the content is not base64. */
  readonly text: string;
}

/** The blocks of a PEM text, and the defect of the lines around them. */
export interface PemText {
  readonly blocks: readonly PemBlock[];
  /** A BEGIN or END line without its counterpart, as in an incomplete copy. It completes "got". */
  readonly defect: string | undefined;
}

// A label may have lost its spaces together with the line breaks.
const LABELS = [
  "CERTIFICATE",
  "CERTIFICATE REQUEST",
  "TRUSTED CERTIFICATE",
  "PRIVATE KEY",
  "EC PRIVATE KEY",
  "RSA PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY",
  "OPENSSH PRIVATE KEY",
  "EC PARAMETERS",
  "PUBLIC KEY",
];
const LABEL_BY_LETTERS = new Map(LABELS.map((label) => [label.replaceAll(" ", ""), label]));

// Whitespace, and what puts quoted lines together. None of it is a base64 character.
const NOISE = /[\s"',\\\ufeff\u200b]/g;

const BOUNDARY = /-----\s*(BEGIN|END)[\s"',\\]*([A-Z0-9][A-Z0-9\s"',\\]*?)[\s"',\\]*-----/g;

/**
 * Reads a PEM text. Only base64 is significant between a BEGIN and an END line, so every text that is not ambiguous is
 * accepted: line breaks may be CRLF, the two characters `\n`, spaces, or missing; the text may be indented, in quotes,
 * or encoded in base64 once more, as in the data of a Kubernetes Secret. Text between blocks is ignored (RFC 7468,
 * section 2).
 */
export function readPemText(text: string): PemText {
  const plain = decodeBase64Text(replaceEscapes(text));
  const blocks: PemBlock[] = [];
  let open: { label: string; start: number } | undefined;
  let defect: string | undefined;
  for (const match of plain.matchAll(BOUNDARY)) {
    const [boundary, kind, letters = ""] = match;
    const label = LABEL_BY_LETTERS.get(letters.replaceAll(NOISE, "")) ?? letters.replaceAll(/\s+/g, " ");
    if (kind === "BEGIN") {
      if (open) defect ??= describeMissing("END", open.label);
      open = { label, start: match.index + boundary.length };
    } else if (open?.label === label) {
      blocks.push({ label, text: formatBlock(label, plain.slice(open.start, match.index)) });
      open = undefined;
    } else {
      defect ??= open ? describeMissing("END", open.label) : describeMissing("BEGIN", label);
      open = undefined;
    }
  }
  if (open) defect ??= describeMissing("END", open.label);
  else if (defect === undefined && blocks.length === 0) defect = describePartialBoundary(plain);
  return { blocks, defect };
}

/** Completes "got". Labels are part of the format and never secret. */
function describeMissing(missing: "BEGIN" | "END", label: string): string {
  const present = missing === "END" ? "a BEGIN" : "an END";
  return `PEM with ${present} ${label} line and no ${missing} ${label} line`;
}

function describePartialBoundary(text: string): string | undefined {
  if (/-----\s*BEGIN /.test(text)) return "PEM with an incomplete BEGIN line";
  if (/[-\u2010-\u2015\u2212]\s*BEGIN [A-Z0-9 ]+[-\u2010-\u2015\u2212]/.test(text)) {
    return "PEM whose BEGIN line does not have five hyphens on each side";
  }
  return undefined;
}

/** Replaces `\n`, `\r` and `\t` as two characters. No PEM text has a backslash. */
function replaceEscapes(text: string): string {
  return text.replaceAll(/\\+[nrt]/g, "\n");
}

/** Decodes base64 of a PEM text, up to twice: a Secret's data, perhaps in a secret store that encodes its values. */
function decodeBase64Text(text: string): string {
  let plain = text;
  for (let depth = 0; depth < 2; depth++) {
    const compact = plain.replaceAll(NOISE, "");
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return plain;
    const decoded = Buffer.from(compact, "base64").toString("latin1");
    if (!/^[\s\x20-\x7e\ufeff\xef\xbb\xbf]*$/.test(decoded)) return plain;
    plain = replaceEscapes(decoded);
  }
  return plain;
}

function formatBlock(label: string, content: string): string {
  const base64 = content.replaceAll(NOISE, "").replace(/=+$/, "");
  // Content that is not base64 has headers (RFC 1421), or is damaged.
  const isBase64 = /^[A-Za-z0-9+/]+$/.test(base64) && base64.length % 4 !== 1;
  const body = isBase64 ? wrap(base64.padEnd(Math.ceil(base64.length / 4) * 4, "=")) : content.trim();
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
}

/** Base64 in lines of 64 columns. */
export function wrap(base64: string): string {
  return base64.replaceAll(/.{64}(?=.)/g, "$&\n");
}
