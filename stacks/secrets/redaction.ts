/** What of a value a message may show. */
import { withoutCredentials } from "./credentials.ts";

/** Of a problem that quotes anything of a value, no more than what is expected. */
export function withoutQuotes(problem: string, value: unknown): string {
  const quotes = leaves(value).some((leaf) => problem.includes(String(leaf)));
  return quotes ? (/expected.*/i.exec(problem)?.[0] ?? "it is wrong") : problem;
}

function leaves(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [value];
}

/** Where there may be PEM, or a key that was given in its place. */
const PEM = /^certificates($|\.(issuer|webhooks)($|\.)|\.trustAnchors(\.\d+)?$)/;

/**
 * Addresses without credentials; of text in the place of PEM, which may be a key, nothing but its length; nothing at
 * all of another secret.
 */
export function shown(path: string, value: unknown, secret: boolean): string {
  if (value === undefined) return "nothing";
  if (secret && !path.startsWith("certificates")) return "a secret";
  const text = JSON.stringify(value, (_, part) =>
    typeof part === "string" ? withoutCredentials(part) : part,
  );
  const may = !PEM.test(path) || value === null || ["number", "boolean"].includes(typeof value);
  if (may && !text.includes("PRIVATE KEY")) return text;
  if (typeof value === "string") return `text of ${value.length} characters`;
  return Array.isArray(value) ? "a list" : "an object";
}
