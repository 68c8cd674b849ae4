/** A setting's path, key after key, as messages and commands have it. */

/** What is there; nothing where the way leads through what has no keys. */
export function valueAt(values: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined | null)?.[key],
    values,
  );
}

/** As `pulumi config --path` takes it, but for the numbers of a list's items, which are easier read so. */
export function written(keys: readonly PropertyKey[]): string {
  return keys
    .map(String)
    .map((key, index) => (key.includes(".") && index > 0 ? `["${key}"]` : `${index > 0 ? "." : ""}${key}`))
    .join("");
}

/**
 * As an argument of Pulumi's: items of a list in brackets, quoted where the shell would take them for its own. A
 * single key goes without --path, which would take its dots apart.
 */
export function argument(keys: readonly PropertyKey[]): string {
  const path = keys.map((key, index) => (index === 0 ? String(key) : step(key))).join("");
  const quoted = /^[\w.-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return keys.length > 1 ? `--path ${quoted}` : quoted;
}

function step(key: PropertyKey): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[\w-]+$/.test(String(key)) ? `.${String(key)}` : `[${JSON.stringify(key)}]`;
}
