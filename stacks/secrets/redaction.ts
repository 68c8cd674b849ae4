/** The part of a given value that a message may show. */
import { formatPath, type Path } from "../../components/inputs/validation.ts";
import { withoutCredentials } from "./credentials.ts";
import { KEY_LABEL, withoutKeys } from "./without-keys.ts";

/** Settings that hold PEM, and so perhaps a private key, even where it does not belong. */
const PEM = /^certificates($|\.(issuer|webhooks)($|\.)|\.trustAnchors(\[\d+\])?$)/;

/** Settings that hold a password. */
const LOGIN = /^(chartCredentials|charts\.\w+\.credentials)($|\.)/;

/**
 * A value as JSON, without credentials in URLs. Text in the place of PEM may be a key, so only its length is shown.
 * The same applies to everything that contains a private key.
 */
export function redactValue(path: Path, value: unknown): string {
  if (value === undefined) return "nothing";
  if (LOGIN.test(formatPath(path))) return `a value of type ${Array.isArray(value) ? "array" : typeof value}`;
  const json = JSON.stringify(value, (_, part) =>
    typeof part === "string" ? withoutCredentials(part) : part,
  );
  const isHarmless = value === null || typeof value === "number" || typeof value === "boolean";
  if (isHarmless || !(PEM.test(formatPath(path)) || containsKey(json))) return json;
  if (typeof value === "string") return `text of ${value.length} characters`;
  return Array.isArray(value) ? "a list" : "an object";
}

/** A description of a value by `components/`, without credentials in URLs and without private keys. */
export function redactText(text: string): string {
  return containsKey(text) ? "a private key" : withoutCredentials(text);
}

function containsKey(text: string): boolean {
  return KEY_LABEL.test(text) || withoutKeys(text) !== text;
}
