/** The modes of the setting `certificates`, each of which has its own fields. */
import type { Path } from "../../../components/inputs/validation.ts";
import { valueAt } from "./setting-path.ts";
import { fieldsOf, type SettingSchema, schemaAt } from "./setting-schema.ts";

/** The modes in which a field of `certificates` exists and, where `value` is given, has its type. */
export function modesWith(settings: SettingSchema, [setting, ...fields]: Path, value?: unknown): string[] {
  if (setting !== "certificates" || fields.length === 0) return [];
  return (schemaAt(settings, [setting])?.oneOf ?? [])
    .filter((mode) => {
      const schema = schemaAt(mode, fields);
      return schema !== undefined && (value === undefined || schema.type === jsonType(value));
    })
    .map((mode) => String(fieldsOf(mode)?.mode?.const));
}

/** The mode in a stack's configuration; `undefined` where the default, `generated`, applies. */
export function givenMode(values: unknown): unknown {
  return valueAt(values, ["certificates", "mode"]);
}

function jsonType(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}
