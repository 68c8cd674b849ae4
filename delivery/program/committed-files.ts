/** Dashboards and rules, which are files of the repository, by reference and with their differences. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "./stack-files.ts";

/** More differences than this are counted. */
const MAX_DIFFERENCES = 20;
/** A difference is cut at this number of characters. */
const MAX_LENGTH = 160;

/**
 * Describes a dashboard or rules by the file of the repository that they come from, such as
 * `[file alerts/linkerd.rules.yaml]`. A line follows for each difference, as settings and certificates cause them.
 *
 * @param value JSON text, or the value itself
 * @returns `undefined` for all other values
 */
export function describeCommittedFile(value: unknown): string | undefined {
  const content = typeof value === "string" ? parseLongJson(value) : value;
  const file = findFile(content);
  if (file === undefined) return undefined;
  const [committed, given] = [readContent(file), new Set(flatten(content))];
  const differences = [
    ...[...committed].filter((line) => !given.has(line)).map((line) => `- ${line}`),
    ...[...given].filter((line) => !committed.has(line)).map((line) => `+ ${line}`),
  ].map((line) => (line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line));
  const more = differences.length - MAX_DIFFERENCES;
  return [
    `[file ${file}]`,
    ...differences.slice(0, MAX_DIFFERENCES),
    ...(more > 0 ? [`… ${more} more differences`] : []),
  ].join("\n");
}

function parseLongJson(text: string): unknown {
  if (text.length < 1_000 || !text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Another text that begins with a brace.
  }
}

/** The file that has the same groups of rules, or the dashboard with this UID or one that ends with it. */
function findFile(content: unknown): string | undefined {
  if (typeof content !== "object" || content === null) return undefined;
  const { groups, uid, panels } = content as { groups?: unknown; uid?: unknown; panels?: unknown };
  if (Array.isArray(groups) && groups.some((group) => Array.isArray(group?.rules))) {
    return "alerts/linkerd.rules.yaml";
  }
  if (typeof uid !== "string" || !Array.isArray(panels)) return undefined;
  const files = readdirSync(join(ROOT, "dashboards")).filter((file) => `${uid}.json`.endsWith(file));
  return files[0] && `dashboards/${files[0]}`;
}

const contents = new Map<string, ReadonlySet<string>>();

/** The lines of a file. They are read once, because every stack has the same files. */
function readContent(file: string): ReadonlySet<string> {
  const known = contents.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(ROOT, file), "utf8");
  const lines = new Set(flatten(file.endsWith(".json") ? JSON.parse(text) : parse(text)));
  contents.set(file, lines);
  return lines;
}

/** A line for each value in `content`: its path, with the names of list items, and the value as JSON. */
function flatten(content: unknown, path = "", list = ""): string[] {
  if (typeof content !== "object" || content === null) return [`${path}${list}: ${JSON.stringify(content)}`];
  if (Array.isArray(content)) {
    return content.flatMap((item, index) => {
      const name = nameItem(item);
      return flatten(
        item,
        name === undefined ? `${path}${list}[${index}]` : `${path}${path === "" ? "" : "/"}${name}`,
      );
    });
  }
  return Object.entries(content)
    .filter(([key]) => nameItem(content) === undefined || !NAMING.includes(key))
    .flatMap(([key, value]) => flatten(value, path, list === "" ? ` ${key}` : `${list}.${key}`));
}

/** What {@link nameItem} reads. */
const NAMING = ["name", "alert", "record", "title", "labels"];

/** The name of a group, of a rule with the labels that distinguish it, or of a panel. */
function nameItem(item: unknown): string | undefined {
  const { name, alert, record, labels, title } = (item ?? {}) as Record<string, unknown>;
  const named = name ?? alert ?? record ?? title;
  const distinguishing = Object.values((labels ?? {}) as Record<string, string>);
  return typeof named === "string" ? [named, ...distinguishing].join(" ") : undefined;
}
