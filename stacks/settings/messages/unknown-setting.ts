/** What is said of a setting that there is not. */
import type { z } from "zod";
import { modesWith } from "../certificate-settings.ts";
import { moveToPath, remove, setMode } from "./fix-command.ts";
import { keysOf, schemaAt } from "./schema-at.ts";
import { valueAt } from "./setting-path.ts";

/** What is wrong with it, and how to mend it. */
export function unknownSetting(
  keys: readonly PropertyKey[],
  schema: z.core.$ZodType,
  values: Record<string, unknown>,
): string {
  const [name] = keys.map(String);
  const meant = keys.length === 1 && name !== undefined ? steps(name) : keys;
  const shape = keys.length < meant.length ? schemaAt(schema, meant, values) : undefined;
  if (shape && name !== undefined) {
    return `no such setting. It was set without --path. ${moveToPath(name, meant, shape)}`;
  }
  if (name === "certificates") {
    const modes = modesWith(keys.slice(1));
    if (modes.length > 0) return ofAnotherMode(keys, modes, valueAt(values, [name, "mode"]));
  }
  const around = meant.slice(0, -1);
  const beside = schemaAt(schema, around, values);
  const known = beside && keysOf(beside, valueAt(values, around));
  return `no such setting. Known are: ${Object.keys(known ?? keysOf(schema) ?? {}).join(", ")}. ${remove(keys)}`;
}

/** Where no mode is given it may be the mode that was forgotten, else the setting is of the mode before. */
function ofAnotherMode(keys: readonly PropertyKey[], modes: readonly string[], mode: unknown): string {
  const is = mode === undefined ? '"generated", which is the default' : JSON.stringify(mode);
  const how = mode === undefined ? setMode(String(modes[0])) : remove(keys);
  return `no such setting in mode ${is}, but in ${modes.map((other) => `"${other}"`).join(" and ")}. ${how}`;
}

/** A path as somebody typed it. */
function steps(path: string): PropertyKey[] {
  return path
    .split(/[.[\]"]+/)
    .filter((key) => key !== "")
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
