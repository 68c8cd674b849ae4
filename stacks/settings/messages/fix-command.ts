/** `pulumi config` commands that resolve issues. `pulumi config set` takes scalars only, never JSON. */
import { isTable } from "../../../components/inputs/merge.ts";
import type { Path } from "../../../components/inputs/validation.ts";
import { joinKeys, quote, toCommandArgument } from "./setting-path.ts";
import { acceptsAnything, fieldsOf, hasFields, type SettingSchema } from "./setting-schema.ts";

/** The command that replaces the value of a setting by a valid one. `value` is the current one. */
export function changeCommand(path: Path, schema: SettingSchema | undefined, value: unknown): string {
  // No value is valid for an unknown setting, and an object cannot be set in one command. A value of a chart that is not
  // set is a required one.
  const isObject = schema !== undefined && hasFields(schema) && isTable(value);
  const isChartValue = schema !== undefined && acceptsAnything(schema) && value !== undefined;
  if (schema === undefined || isChartValue || isObject) return removeCommand(path);
  const isList = schema.type === "array";
  const isInTheWay = value !== undefined && (isList ? !Array.isArray(value) : hasFields(schema));
  const commands = [...(isInTheWay ? [removeCommand(path)] : []), ...setCommands(path, schema)];
  const index = isList && Array.isArray(value) && value.length > 0 ? ", where 0 is the first item" : "";
  return `${commands.join(" && ")}${index}`;
}

/** The command that removes a setting. */
export function removeCommand(path: Path): string {
  return `pulumi config rm ${toCommandArgument(path)}`;
}

/** The command that sets a setting to a value. */
export function setCommand(path: Path, value: string | number | boolean): string {
  return `pulumi config set ${toCommandArgument(path)} ${quote(String(value))}`;
}

/** Commands that set a setting of this schema: a list by its first item, an object by its required fields. */
export function setCommands(path: Path, schema: SettingSchema): string[] {
  if (schema.type === "array") return [setScalarCommand([...path, 0], schema.items)];
  if (!hasFields(schema)) return [setScalarCommand(path, schema)];
  const required = Object.entries(fieldsOf(schema) ?? {}).filter(([field]) => isRequired(schema, field));
  if (required.length > 0) return required.flatMap(([field, below]) => setCommands([...path, field], below));
  return [`pulumi config set --path ${joinKeys(path)}.<field> <value>`];
}

function isRequired(schema: SettingSchema, field: string): boolean {
  return (schema.oneOf?.[0] ?? schema).required?.includes(field) ?? false;
}

function setScalarCommand(path: Path, schema: SettingSchema | undefined): string {
  const argument = toCommandArgument(path);
  switch (schema?.file) {
    case "key":
      return `pulumi config set --secret ${argument} < ${fileName(path)}.key`;
    case "pem":
      return `pulumi config set ${argument} < ${fileName(path)}.pem`;
    default:
      return `pulumi config set ${schema?.secret ? "--secret " : ""}${argument} <value>`;
  }
}

/** A name for the file with a certificate or key: the pair that it belongs to, or the setting itself. */
function fileName(path: Path): string {
  const [parent = "", last = ""] = path.slice(-2).map(String);
  const name = last === "certificate" || last === "key" ? parent : last;
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
