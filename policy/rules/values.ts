/** Plain values of resources, of which some are not known before `pulumi up`. */
import type { Path } from "../../components/inputs/validation.ts";

/** Stands for a value that a preview does not know. A rule is silent about it. */
export const UNKNOWN: unique symbol = Symbol("not known during a preview");

/** A value of a resource or of a Kubernetes object. */
export type Value =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly Value[]
  | { readonly [key: string]: Value };

/** The value at `path`. `undefined` if there is none, and {@link UNKNOWN} below an unknown value. */
export function valueAt(value: Value | undefined, ...path: Path): Value | undefined {
  return path.reduce<Value | undefined>((current, key) => {
    if (current === UNKNOWN) return UNKNOWN;
    if (typeof current !== "object" || current === null) return undefined;
    return Object.hasOwn(current, key)
      ? (current as { readonly [key: string | number]: Value })[key]
      : undefined;
  }, value);
}

/** The text at `path`; `undefined` if there is no text or it is not known. */
export function textAt(value: Value | undefined, ...path: Path): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** A value in the inputs of a resource. */
interface Located {
  readonly value: Value;
  readonly path: Path;
}

/** The known items of the list at `path`, with their paths. */
export function itemsAt(value: Value | undefined, ...path: Path): Located[] {
  const found = valueAt(value, ...path);
  if (!Array.isArray(found)) return [];
  return (found as readonly Value[])
    .map((item, index): Located => ({ value: item, path: [...path, index] }))
    .filter((item) => item.value !== UNKNOWN);
}

/** Every known text in a value, with its path. */
export function* textsOf(value: Value | undefined, path: Path = []): Generator<{ text: string; path: Path }> {
  if (typeof value === "string") yield { text: value, path };
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* textsOf(item, [...path, index]);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* textsOf(item, [...path, key]);
  }
}

/** Whether the value, or a value inside it, is not known. */
export function containsUnknown(value: Value): boolean {
  if (value === UNKNOWN) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(containsUnknown);
}
