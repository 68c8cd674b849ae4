/** The settings in a JSON Schema, one by one. */
import type { Path } from "../../components/inputs/validation.ts";
import type { SettingSchema } from "../../stacks/settings/messages/setting-schema.ts";

/** A setting, or a field of one. */
export interface ListedSetting {
  readonly path: Path;
  readonly schema: SettingSchema;
}

/** Every setting and every field of one, in the order of the schema. Without the modes of `certificates`. */
export function listSettings(schema: SettingSchema, path: Path = []): ListedSetting[] {
  return Object.entries(propertiesOf(schema)).flatMap(([name, below]) => [
    { path: [...path, name], schema: below },
    ...listSettings(below, [...path, name]),
  ]);
}

/** The fields of an object, also of one that may be `false` instead. */
function propertiesOf({ properties, anyOf = [] }: SettingSchema) {
  return properties ?? anyOf.find(({ type }) => type === "object")?.properties ?? {};
}

/** The type of a setting, as the documentation and `Pulumi.yaml` call it. */
export function typeName({ type, oneOf, anyOf }: SettingSchema): string {
  if (oneOf !== undefined || anyOf?.some((alternative) => alternative.type === "object")) return "object";
  if (anyOf?.some((alternative) => alternative.type === "array")) return "list";
  // A quantity may also be a number, because YAML parses one without a unit as a number.
  const name = Array.isArray(type) ? "string" : String(type);
  return name === "array" ? "list" : name;
}
