/** Issues with settings that do not exist. */
import type { Fix, Path, ValidationIssue } from "../../../components/inputs/validation.ts";
import { givenMode, modesWith } from "./certificate-mode.ts";
import { removeCommand, setCommands } from "./fix-command.ts";
import type { GivenSettings } from "./given-settings.ts";
import { joinKeys, parsePath, toCommandArgument, valueAt } from "./setting-path.ts";
import { fieldsOf, type SettingSchema, schemaAt } from "./setting-schema.ts";

/**
 * Explains why a setting does not exist: it was renamed, was set without `--path`, belongs to another mode of
 * `certificates`, or is unknown.
 */
export function unknownFieldIssue(
  path: Path,
  settings: SettingSchema,
  given: GivenSettings,
): ValidationIssue {
  const { values } = given;
  // A name with dots is a path that was set without `--path`.
  const intended = path.length === 1 ? parsePath(String(path[0])) : path;
  const parent = intended.slice(0, -1);
  const field = String(intended.at(-1));
  const schema = schemaAt(settings, parent, values);
  const siblings = (schema && fieldsOf(schema, valueAt(values, parent))) ?? fieldsOf(settings) ?? {};
  const newName = Object.keys(siblings).find((name) => siblings[name]?.renamedFrom === field);
  if (newName !== undefined) return renamedIssue(path, [...parent, newName], given);

  const intendedSchema = path.length < intended.length ? schemaAt(settings, intended, values) : undefined;
  if (intendedSchema !== undefined) {
    const commands = [removeCommand(path), ...setCommands(intended, intendedSchema)];
    return {
      path,
      reason: "unknown field",
      because: "It was set without --path",
      fixes: [{ kind: "instruction", text: commands.join(" && ") }],
    };
  }
  const modes = modesWith(settings, path);
  if (modes.length > 0) return otherModeIssue(path, modes, givenMode(values));
  return {
    path,
    reason: "unknown field",
    because: `Known fields: ${Object.keys(siblings).join(", ")}`,
    fixes: [{ kind: "remove" }],
  };
}

/** The value moves to the new name, unless that is set already. */
function renamedIssue(path: Path, newPath: Path, given: GivenSettings): ValidationIssue {
  const value = valueAt(given.values, path);
  const isSet = valueAt(given.values, newPath) !== undefined;
  const isShown = isPlainScalar(value) && !given.isSecret(String(path[0]));
  const set = `pulumi config set ${toCommandArgument(newPath)} ${isShown ? value : "<value>"}`;
  return {
    path,
    reason: `renamed to ${joinKeys(newPath)}`,
    fixes: isSet ? [{ kind: "remove" }] : [{ kind: "instruction", text: `${set} && ${removeCommand(path)}` }],
  };
}

/** Whether a command can contain the value. Credentials and PEM have other characters. */
function isPlainScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value) && /^[\w.-]+$/.test(String(value));
}

function otherModeIssue(path: Path, modes: readonly string[], mode: unknown): ValidationIssue {
  const current = mode === undefined ? '"generated", which is the default' : JSON.stringify(mode);
  const names = modes.map((each) => `"${each}"`).join(" and ");
  // Without a mode, the mode was forgotten. With one, the field is left over from another mode.
  const fix: Fix =
    mode === undefined
      ? { kind: "set", path: ["certificates", "mode"], value: String(modes[0]) }
      : { kind: "remove" };
  return {
    path,
    reason: `unknown field in mode ${current}`,
    because: `It belongs to ${modes.length > 1 ? "modes" : "mode"} ${names}`,
    fixes: [fix],
  };
}
