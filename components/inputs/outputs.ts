/** Functions on values that may be Outputs. They unwrap no more than is needed. */
import * as pulumi from "@pulumi/pulumi";

/** Whether the value itself is an Output or a Promise. Values inside it are not considered. */
export function isDeferred(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/**
 * Applies `change` to a value that may be an Output. A plain value is changed at once and keeps the Outputs inside
 * it, so that one unknown image does not make a complete template unknown in a preview.
 */
export function mapInput<T, R>(
  input: pulumi.Input<T>,
  change: (value: T) => pulumi.Input<R>,
): pulumi.Input<R> {
  if (isDeferred(input)) {
    return pulumi.output(input).apply((value) => change(value as T)) as pulumi.Output<R>;
  }
  return change(input);
}

/** Applies `change` when all Outputs inside the value have resolved: at once if there are none. */
export function mapResolved<T, R>(
  value: T,
  change: (resolved: pulumi.Unwrap<T>) => pulumi.Input<R>,
): pulumi.Input<R> {
  if (!containsOutput(value)) return change(value as pulumi.Unwrap<T>);
  return pulumi.output(value).apply((resolved) => change(resolved)) as pulumi.Output<R>;
}

/** The value, or `fallback` if the value is, or resolves to, `undefined` or `null`. */
export function withDefault<T>(
  input: pulumi.Input<T | undefined> | undefined,
  fallback: pulumi.Input<T>,
): pulumi.Input<T> {
  return mapInput(input, (value) => value ?? fallback);
}

/** A copy without the fields that are `undefined`, which would override others in a spread. */
export function omitUndefined<T extends object>(
  value: T | undefined,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(value ?? {}).filter(([, each]) => each !== undefined),
  ) as ReturnType<typeof omitUndefined<T>>;
}

/** The value if it contains no Output; otherwise `undefined`. */
export function knownValue<T>(input: pulumi.Input<T> | undefined): T | undefined {
  return containsOutput(input) ? undefined : (input as T | undefined);
}

/** Whether the value, or a value inside it, is an Output or a Promise. */
export function containsOutput(value: unknown): boolean {
  if (isDeferred(value)) return true;
  if (Array.isArray(value)) return value.some(containsOutput);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(containsOutput);
}

/** The value at `path`, or the first Output on the way there; `undefined` if there is neither. */
export function peekPath(value: unknown, ...path: string[]): unknown {
  let at = value;
  for (const key of path) {
    if (isDeferred(at) || at === undefined || at === null) break;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** A copy of `value` in which the value at `path`, if there is one, is changed. */
export function updatePath(
  value: unknown,
  path: readonly string[],
  change: (value: unknown) => unknown,
): pulumi.Input<unknown> {
  const [key, ...rest] = path;
  if (key === undefined) return mapInput(value, change);
  return mapInput(value, (plain) => {
    const at = (plain as Record<string, unknown> | undefined)?.[key];
    return at === undefined ? plain : { ...(plain as object), [key]: updatePath(at, rest, change) };
  });
}

/** The value at `path`. It is an Output only if there is one on the way there. */
export function readPath(value: unknown, ...path: string[]): pulumi.Input<unknown> {
  const [key, ...rest] = path;
  if (key === undefined) return value as pulumi.Input<unknown>;
  return mapInput(value, (plain) => readPath((plain as Record<string, unknown> | undefined)?.[key], ...rest));
}
