/** What is said of a setting that there is not. */
import type { z } from "zod";
import { moveToPath, remove } from "./mend.ts";
import { keysOf, shapeAt } from "./shape-at.ts";

/** What is wrong with it, and how to mend it. */
export function unknownSetting(
  keys: readonly PropertyKey[],
  schema: z.core.$ZodType,
  values: Record<string, unknown>,
): string {
  const [name] = keys.map(String);
  const meant = keys.length === 1 && name !== undefined ? steps(name) : keys;
  const shape = keys.length < meant.length ? shapeAt(schema, meant, values) : undefined;
  if (shape && name !== undefined) {
    return `no such setting. It was set without --path. ${moveToPath(name, meant, shape)}`;
  }
  const around = meant.slice(0, -1);
  const beside = shapeAt(schema, around, values);
  const known = beside && keysOf(beside, around.reduce<unknown>(at, values));
  return `no such setting. Known are: ${Object.keys(known ?? keysOf(schema) ?? {}).join(", ")}. ${remove(keys)}`;
}

/** A path as somebody typed it. */
function steps(path: string): PropertyKey[] {
  return path
    .split(/[.[\]"]+/)
    .filter((key) => key !== "")
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

function at(value: unknown, key: PropertyKey): unknown {
  return (value as Record<PropertyKey, unknown> | undefined | null)?.[key];
}
