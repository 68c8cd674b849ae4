/** Dashboards and rules, which are files of the repository, by reference and with their differences. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { ROOT } from "./stack-files.ts";

/** More differences than this are counted. */
const MAX_DIFFERENCES = 20;
/** A value is cut at this number of characters. */
const MAX_LENGTH = 100;
/** Characters of context around the part of a value that differs. */
const CONTEXT = 20;

/**
 * Describes a dashboard or rules by the file of the repository that they come from, such as
 * `[file alerts/linkerd.rules.yaml]`. A line follows for each difference, which settings and certificates cause.
 *
 * @param value JSON text, or the value itself
 * @returns `undefined` for all other values
 */
export function describeCommittedFile(value: unknown): string | undefined {
  const content = typeof value === "string" ? parseLongJson(value) : value;
  const file = findFile(content);
  if (file === undefined) return undefined;
  const [committed, given] = [readContent(file), new Map(flatten(content))];
  const paths = [...new Set([...committed.keys(), ...given.keys()])];
  const differences = paths.flatMap((path) => describeDifference(path, committed.get(path), given.get(path)));
  const more = differences.length - MAX_DIFFERENCES;
  return [
    `[file ${file}]`,
    ...differences.slice(0, MAX_DIFFERENCES),
    ...(more > 0 ? [`… ${more} more differences`] : []),
  ].join("\n");
}

/** A line for the value at a path that is only in the file (-), only in the stack (+), or in both (~). */
function describeDifference(path: string, before: string | undefined, after: string | undefined): string[] {
  if (before === after) return [];
  if (before === undefined) return [`+ ${path}: ${cut(after ?? "")}`];
  if (after === undefined) return [`- ${path}: ${cut(before)}`];
  let start = 0;
  while (before[start] === after[start]) start++;
  let end = 0;
  const shorter = Math.min(before.length, after.length);
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const from = Math.max(0, start - CONTEXT);
  const part = (text: string) => {
    const to = Math.min(text.length, text.length - end + CONTEXT);
    return `${from > 0 ? "…" : ""}${cut(text.slice(from, to))}${to < text.length ? "…" : ""}`.replace(
      /…+$/,
      "…",
    );
  };
  return [`~ ${path}: ${part(before)} → ${part(after)}`];
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
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

const contents = new Map<string, ReadonlyMap<string, string>>();

/** The values in a file by their paths. They are read once, because every stack has the same files. */
function readContent(file: string): ReadonlyMap<string, string> {
  const known = contents.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(ROOT, file), "utf8");
  const values = new Map(flatten(file.endsWith(".json") ? JSON.parse(text) : parse(text)));
  contents.set(file, values);
  return values;
}

/** The values in `content` as JSON, each with its path: names of list items, then keys. */
function flatten(content: unknown, items = "", keys = ""): [path: string, json: string][] {
  if (typeof content !== "object" || content === null) return [[items + keys, JSON.stringify(content)]];
  if (Array.isArray(content)) {
    return content.flatMap((item, index) => {
      const name = nameItem(item);
      if (name === undefined) return flatten(item, items, `${keys}[${index}]`);
      return flatten(item, items === "" ? name : `${items}/${name}`);
    });
  }
  const isNamed = nameItem(content) !== undefined;
  return Object.entries(content)
    .filter(([key]) => !(isNamed && NAMING.includes(key)))
    .flatMap(([key, value]) => flatten(value, items, keys === "" ? ` ${key}` : `${keys}.${key}`));
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
