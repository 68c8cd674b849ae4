/** Compares recorded values, which have placeholders, with the values of a cluster. */
import type { Json } from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import { toRecordedValue } from "../../program/placeholders.ts";
import { SECRET } from "../../program/stack-files.ts";

/** The organization of a recording. A stack in Pulumi Cloud has another one, which its objects name as their owner. */
const ORGANIZATION = "organization/";

/** A file of the repository, and a line for each difference. Rules of certificates are in the order of their expiry. */
const FILE = "[file ";

/**
 * Returns the recorded value if it describes the live one, else the live one with placeholders. A placeholder describes a
 * certificate with the same subject, issuer, usages and validity, and a file with the same differences. `[secret]`
 * describes any value.
 */
export function recordLive(live: Json, recorded: string): Json {
  const described = toRecordedValue(live);
  return isDescribed(described, recorded) ? recorded : described;
}

/**
 * Returns the recorded values with the live ones in the place of placeholders that describe them, so that a chart renders
 * the same checksums as in the cluster.
 */
export function fillPlaceholders(recorded: Json, live: unknown): Json {
  if (typeof recorded === "string") {
    return live !== undefined && recordLive(live as Json, recorded) === recorded ? (live as Json) : recorded;
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

function isDescribed(described: Json, recorded: string): boolean {
  if (described === recorded || recorded === SECRET) return true;
  if (typeof described !== "string") return false;
  if (recorded.startsWith(ORGANIZATION)) return described.endsWith(recorded.slice(ORGANIZATION.length - 1));
  if (recorded.startsWith(FILE)) return sortLines(described) === sortLines(recorded);
  if (!recorded.includes(SECRET)) return false;
  const texts = recorded.split(SECRET).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${texts.join("[^]*")}$`).test(described);
}

function sortLines(text: string): string {
  return text.split("\n").sort().join("\n");
}
