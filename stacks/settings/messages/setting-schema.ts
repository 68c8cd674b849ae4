/** The JSON Schema of the settings, which messages and generated files read. */
import type { Path } from "../../../components/inputs/validation.ts";

/** Tables of `docs/settings.md`, by the name in their markers. */
export type SettingsTable =
  | "cluster"
  | "high-availability"
  | "images"
  | "proxies"
  | "ports"
  | "cni"
  | "injection"
  | "viz-access"
  | "monitoring"
  | "other";

/**
 * Values of Linkerd's charts, by the chart's field in `extraValues`. Each is a path in the syntax of `helm --set`:
 * keys separated by dots, with `\.` for a dot in a key.
 */
export type ChartValuePaths = {
  readonly [chart in "crds" | "controlPlane" | "viz" | "cni"]?: readonly string[];
};

/** Metadata of a setting. Zod copies it into the JSON Schema. */
export interface SettingMeta {
  /** What the setting does, in Markdown. Links are relative to `docs/`. */
  readonly description?: string;
  /** Table of `docs/settings.md` that lists a top-level setting and its fields. */
  readonly table?: SettingsTable;
  /** Default in `docs/settings.md`, in Markdown, where the schema has none or a long one. */
  readonly defaultText?: string;
  /** Chart values that the setting owns: `extraValues` rejects them. */
  readonly chartValues?: ChartValuePaths;
  /** Name that the setting had in an earlier release. */
  readonly renamedFrom?: string;
  /** Extension of the file that `pulumi config set` reads the value from. Keys are stored with `--secret`. */
  readonly file?: "pem" | "key";
  /** Whether `pulumi config set` stores the value with `--secret`. */
  readonly secret?: boolean;
}

/** JSON Schema of a setting, of one of its fields or of one of its items: the parts that are used here. */
export interface SettingSchema extends SettingMeta {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SettingSchema | boolean;
  readonly items?: SettingSchema;
  readonly anyOf?: readonly SettingSchema[];
  readonly oneOf?: readonly SettingSchema[];
}

/** Whether any value is accepted, as below `extraValues`. */
export function acceptsAnything({ type, anyOf, oneOf }: SettingSchema): boolean {
  return type === undefined && anyOf === undefined && oneOf === undefined;
}

/** Whether a setting has fields. A value that may also be a number is set as one, so it does not count. */
export function hasFields(schema: SettingSchema): boolean {
  return schema.type === "object" || schema.oneOf !== undefined;
}

/**
 * The schema at a path, or `undefined` where there is no such setting. Of the modes of `certificates`, the one in
 * `values` is searched first.
 */
export function schemaAt(
  schema: SettingSchema,
  [key, ...rest]: Path,
  values?: unknown,
): SettingSchema | undefined {
  if (key === undefined || acceptsAnything(schema)) return schema;
  const below = (values as Record<PropertyKey, unknown> | undefined | null)?.[key];
  for (const alternative of alternativesOf(schema, values)) {
    const next = typeof key === "number" ? alternative.items : fieldSchema(alternative, key);
    const found = next && schemaAt(next, rest, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The fields of an object; empty where any are accepted, `undefined` where the schema is not an object. */
export function fieldsOf(
  schema: SettingSchema,
  values?: unknown,
): Readonly<Record<string, SettingSchema>> | undefined {
  const object = alternativesOf(schema, values).find(({ type }) => type === "object");
  return object && (object.properties ?? {});
}

/** The alternatives of a schema, those of the mode in `values` first. */
export function alternativesOf(schema: SettingSchema, values?: unknown): readonly SettingSchema[] {
  const mode = (values as { mode?: unknown } | undefined | null)?.mode;
  const isOfMode = ({ properties }: SettingSchema) => mode !== undefined && properties?.mode?.const === mode;
  return (schema.oneOf ?? schema.anyOf ?? [schema]).toSorted(
    (a, b) => Number(isOfMode(b)) - Number(isOfMode(a)),
  );
}

function fieldSchema({ properties = {}, additionalProperties }: SettingSchema, key: string) {
  if (Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
