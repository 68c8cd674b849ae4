/** Compares recorded values, which have placeholders, with the values of a cluster. */
import { withoutKeys } from "../../../stacks/secrets/debug-log.ts";
import type { Json } from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import { describeCertificate } from "../../program/placeholders.ts";
import { replaceCertificates } from "../../redaction/certificates.ts";

/** Placeholders that do not describe their value: `[secret]`, `[digest]`, `[date]`, `[file dashboards/…]`. */
const OPAQUE = /\[(?:secret|digest|date|file [^\]]*)\]/;

/**
 * Whether a recorded value describes a live one: the same text, where certificates have the same subject, issuer, usages and
 * validity, and other placeholders stand for any text.
 */
export function matchesPlaceholder(recorded: string, live: Json): boolean {
  if (!recorded.includes("[")) return false;
  const parts = recorded.split(new RegExp(OPAQUE, "g"));
  if (typeof live !== "string") return parts.every((part) => part === "") && parts.length === 2;
  const described = replaceCertificates(withoutKeys(live), describeCertificate);
  const pattern = parts
    .map((part) => part.trim().replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join("[\\s\\S]*");
  return new RegExp(`^\\s*${pattern}\\s*$`).test(described);
}

/**
 * Returns the recorded values with the live ones in the place of placeholders that describe them, so that a chart renders
 * the same checksums as in the cluster.
 */
export function fillPlaceholders(recorded: Json, live: unknown): Json {
  if (typeof recorded === "string") {
    return matchesPlaceholder(recorded, live as Json) ? (live as Json) : recorded;
  }
  if (Array.isArray(recorded)) {
    const entries: readonly unknown[] = Array.isArray(live) ? live : [];
    return recorded.map((entry, index) => fillPlaceholders(entry, entries[index]));
  }
  if (!isFields(recorded)) return recorded;
  const fields = isFields(live) ? live : {};
  return Object.fromEntries(
    Object.entries(recorded).map(([key, value = null]) => [key, fillPlaceholders(value, fields[key])]),
  );
}
