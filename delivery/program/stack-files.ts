/** The stacks of this project, and their settings as the CLI passes them to the program. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { useStandIns } from "../../sandbox/charts.ts";
import { sandboxSettings } from "../../sandbox/sandbox-settings.ts";
import { PROJECT } from "../../stacks/settings/messages/project.ts";

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, "../..");

/** The stack of `npm run sandbox`, which has no file. */
export const SANDBOX = "sandbox";

/** A configuration as the engine passes it to the program. */
export interface StackConfiguration {
  /** Full keys, every value as text. */
  readonly values: Readonly<Record<string, string>>;
  /** The keys whose values are encrypted, entirely or in part. */
  readonly secretKeys: readonly string[];
}

/** Names of the stacks: those of the files `Pulumi.<stack>.yaml`, and {@link SANDBOX}. Sorted. */
export function listStacks(directory = ROOT): string[] {
  const names = readdirSync(directory).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  return [...new Set([...names, SANDBOX])].sort();
}

/**
 * Reads the configuration of a stack, with the defaults of `Pulumi.yaml`. An encrypted value is {@link SECRET}.
 *
 * @param overrides settings that replace those of the stack, without the prefix of the project
 * @param directory where the files are. @default the root of the repository
 */
export function readStackConfiguration(
  stack: string,
  overrides: Readonly<Record<string, unknown>> = {},
  directory = ROOT,
): StackConfiguration {
  const read = (file: string) => parse(readFileSync(join(directory, file), "utf8"));
  const { config: declared } = read("Pulumi.yaml") as { config: Record<string, { default?: unknown }> };
  const defaults = Object.entries(declared)
    .filter(([, setting]) => setting.default !== undefined)
    .map(([name, setting]) => [name, setting.default] as const);
  const own: Record<string, unknown> =
    stack === SANDBOX
      ? withPrefix(sandboxSettings(useStandIns().settings))
      : (read(`Pulumi.${stack}.yaml`).config ?? {});
  const all = { ...withPrefix(Object.fromEntries(defaults)), ...own, ...withPrefix(overrides) };
  const entries = Object.entries(all).map(([key, value]) => [key, hideSecrets(value)] as const);
  return {
    values: Object.fromEntries(entries.map(([key, { value }]) => [key, toText(value)])),
    secretKeys: entries.filter(([, { isSecret }]) => isSecret).map(([key]) => key),
  };
}

/** Stands for an encrypted value: nothing here can decrypt it. */
export const SECRET = "[secret]";

function withPrefix(settings: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${PROJECT}:${name}`, value]));
}

/** The value with {@link SECRET} in place of each encrypted one, which is an object with the key `secure`. */
function hideSecrets(value: unknown): { value: unknown; isSecret: boolean } {
  if (typeof value !== "object" || value === null) return { value, isSecret: false };
  if (Object.keys(value).join() === "secure") return { value: SECRET, isSecret: true };
  let isSecret = false;
  const hide = (part: unknown) => {
    const hidden = hideSecrets(part);
    isSecret ||= hidden.isSecret;
    return hidden.value;
  };
  const hidden = Array.isArray(value)
    ? value.map(hide)
    : Object.fromEntries(Object.entries(value).map(([key, part]) => [key, hide(part)]));
  return { value: hidden, isSecret };
}

/** The text of a value: as it is, or as JSON where it is not a string. */
function toText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
