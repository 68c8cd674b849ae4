/** Paths of settings, in messages and in commands. */
import type { Path } from "../../../components/inputs/validation.ts";
import { PROJECT } from "./project.ts";

/** Settings whose argument of `ServiceMesh` has another name. */
const ARGUMENTS: Readonly<Record<string, readonly [string, string]>> = {
  chartVersion: ["charts", "version"],
  chartSource: ["charts", "source"],
  chartCredentials: ["charts", "credentials"],
};

/** The path of the argument that a setting is passed to. */
export function toArgumentPath([setting = "", ...fields]: Path): Path {
  return [...(ARGUMENTS[setting] ?? [setting]), ...fields];
}

/** The path of the setting that an argument comes from. */
export function toSettingPath(argument: Path): Path {
  const setting = Object.entries(ARGUMENTS).find(([, path]) => path.every((key, at) => argument[at] === key));
  return setting === undefined ? argument : [setting[0], ...argument.slice(setting[1].length)];
}

/** A sentence about arguments, with the names of the settings. */
export function nameSettings(text: string): string {
  return Object.entries(ARGUMENTS).reduce(
    (named, [setting, path]) => named.replaceAll(new RegExp(`\\b${path.join("\\.")}\\b`, "g"), setting),
    text,
  );
}

/** The value at a path; `undefined` where a value on the way has no fields. */
export function valueAt(values: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined | null)?.[key],
    values,
  );
}

/**
 * A setting as messages name it, e.g. `linkerd-mesh:ports.opaque[0]`. A first key that begins with `kubernetes:` is a
 * setting of Pulumi's Kubernetes provider, and one that begins with `env:` is an environment variable.
 */
export function formatSettingPath(path: Path): string {
  const text = joinKeys(path);
  if (text.startsWith("env:")) return text.slice("env:".length);
  return text.startsWith("kubernetes:") ? text : `${PROJECT}:${text}`;
}

/**
 * A setting as an argument of `pulumi config`, quoted for a POSIX shell where needed. A single key has no `--path`,
 * because `--path` splits a key at its dots.
 */
export function toCommandArgument(path: Path): string {
  return `${path.length > 1 ? "--path " : ""}${quote(joinKeys(path))}`;
}

/** A word of a shell command. */
export function quote(word: string): string {
  return /^[\w.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The keys of a path that was typed, e.g. `ports.opaque[0]`. */
export function parsePath(text: string): Path {
  return text
    .split(/[.[\]"]+/)
    .filter((key) => key !== "")
    .map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

/** A path in the syntax of `pulumi config --path`, not quoted. */
export function joinKeys(path: Path): string {
  return path
    .map((key, index) => {
      if (index === 0) return String(key);
      if (typeof key === "number") return `[${key}]`;
      return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    })
    .join("");
}
