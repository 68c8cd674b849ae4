/** Working on values that may be Outputs, without unwrapping more than is needed. */
import * as pulumi from "@pulumi/pulumi";

/** Whether the value itself, and not something inside it, is known only later. */
export function isDeferred(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/**
 * Applies `change` to a value that may be an Output. A plain value is changed at once and keeps the Outputs
 * inside it, so that one unknown image does not make a whole template unknown in a preview.
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

/** The value, or `fallback` where it is nothing, or turns out to be. */
export function withDefault<T>(
  input: pulumi.Input<T | undefined> | undefined,
  fallback: pulumi.Input<T>,
): pulumi.Input<T> {
  return mapInput(input, (value) => value ?? fallback);
}

/** A copy without what is `undefined`, which says nothing: merged, it would take away what was there before. */
export function omitUndefined<T extends object>(
  value: T | undefined,
): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(value ?? {}).filter(([, each]) => each !== undefined),
  ) as ReturnType<typeof omitUndefined<T>>;
}

/** The value if it is known now, all of it; otherwise `undefined`. */
export function knownValue<T>(input: pulumi.Input<T> | undefined): T | undefined {
  return containsOutput(input) ? undefined : (input as T | undefined);
}

/** Whether the value or anything inside it is known only later. */
export function containsOutput(value: unknown): boolean {
  if (isDeferred(value)) return true;
  if (Array.isArray(value)) return value.some(containsOutput);
  if (value === null || typeof value !== "object") return false;
  return Object.values(value).some(containsOutput);
}

/**
 * What is at `path` inside a value, or the Output that stands in the way of knowing; `undefined` where
 * nothing is.
 */
export function peekPath(value: unknown, ...path: string[]): unknown {
  let at = value;
  for (const key of path) {
    if (isDeferred(at) || at === undefined || at === null) break;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** A copy of `value` with what is at `path` changed, if anything is there. */
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

/** What is at `path` inside a value, as an Output only if one stands on the way there. */
export function readPath(value: unknown, ...path: string[]): pulumi.Input<unknown> {
  const [key, ...rest] = path;
  if (key === undefined) return value as pulumi.Input<unknown>;
  return mapInput(value, (plain) => readPath((plain as Record<string, unknown> | undefined)?.[key], ...rest));
}
