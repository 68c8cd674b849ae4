/** Reads settings from a stack's configuration. */
import type { z } from "zod";
import type { ValidationIssue } from "../../components/inputs/validation.ts";
import { loginIssues } from "./credential-issues.ts";
import type { GivenSettings } from "./messages/given-settings.ts";
import { PROJECT } from "./messages/project.ts";
import { unknownFieldIssue } from "./messages/unknown-field.ts";
import { toValidationIssues } from "./schema-issues.ts";
import { settingConflicts } from "./setting-conflicts.ts";
import { type Settings, settingJsonSchema, settingsSchema } from "./settings-schema.ts";

/** The result of reading a configuration. */
export interface SettingsReading {
  /** The settings that are valid by themselves, with defaults. All of them where there are no issues. */
  readonly settings: Partial<Settings>;
  readonly issues: readonly ValidationIssue[];
  /** The settings as given. */
  readonly given: GivenSettings;
}

/**
 * Reads the settings from a configuration as the engine provides it: full keys, and every value as text.
 *
 * @param secretKeys full keys of encrypted settings, whose values no message shows
 */
export function readSettings(
  config: Readonly<Record<string, string>>,
  secretKeys: ReadonlySet<string> = new Set(),
): SettingsReading {
  const { shape } = settingsSchema;
  const prefix = `${PROJECT}:`;
  const texts = Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), text]),
  );
  const parsed = Object.entries(shape).map(([name, schema]) => ({ name, ...parse(schema, texts[name]) }));
  const given: GivenSettings = {
    values: { ...texts, ...Object.fromEntries(parsed.map(({ name, value }) => [name, value])) },
    isSecret: (setting) => secretKeys.has(`${prefix}${setting}`),
  };
  const settings: Partial<Settings> = Object.fromEntries(
    parsed.flatMap(({ name, result }) => (result.success ? [[name, result.data]] : [])),
  );
  const invalid = parsed.flatMap(({ name, result }) =>
    (result.error?.issues ?? []).map((issue) => ({ ...issue, path: [name, ...issue.path] })),
  );
  const unknown = Object.keys(texts).filter((name) => !Object.hasOwn(shape, name));
  const issues = [
    ...(invalid.length > 0 ? toValidationIssues(invalid, given, settingJsonSchema()) : []),
    ...unknown.map((name) => unknownFieldIssue([name], settingJsonSchema(), given)),
    ...settingConflicts(settings),
    ...loginIssues(settings, given),
  ];
  return { settings, issues, given };
}

/** Parses a setting from text: as it is where the schema accepts strings, otherwise as JSON. */
function parse<Schema extends z.ZodType>(schema: Schema, text: string | undefined) {
  const asText = schema.safeParse(text);
  const acceptsText = !asText.error?.issues.some(
    ({ code, path }) => code === "invalid_type" && path.length === 0,
  );
  if (text === undefined || acceptsText) return { value: text, result: asText };
  const value = parseJson(text);
  return { value, result: schema.safeParse(value) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so the text itself is the invalid value.
    return text;
  }
}
