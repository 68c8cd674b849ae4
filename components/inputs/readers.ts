/** Readers of single values. Each returns the text that is written to the cluster. */
import { parseQuantity } from "./quantity.ts";
import { formatValue, type Reader } from "./validation.ts";

/** Reads a value and returns it as text. */
export type TextReader = Reader<unknown, string>;

/** A string that matches. `requirement` completes "must be". */
export function matching(pattern: RegExp, requirement: string): TextReader {
  return (value, reject) =>
    typeof value === "string" && pattern.test(value)
      ? value
      : reject({ reason: `must be ${requirement}`, got: formatValue(value) });
}

export function oneOf(...values: readonly string[]): TextReader {
  return (value, reject) =>
    typeof value === "string" && values.includes(value)
      ? value
      : reject({ reason: `must be one of ${values.join(", ")}`, got: formatValue(value) });
}

/** A boolean as the text `yes` or `no`. */
export function flag(yes: string, no: string): TextReader {
  return (value, reject) =>
    typeof value === "boolean"
      ? value
        ? yes
        : no
      : reject({ reason: "must be true or false", got: formatValue(value) });
}

export function integer(from: number, to: number): TextReader {
  return (value, reject) =>
    Number.isInteger(value) && (value as number) >= from && (value as number) <= to
      ? String(value)
      : reject({ reason: `must be an integer from ${from} to ${to}`, got: formatValue(value) });
}

/** A list that is not empty, its items joined by commas. */
export function listOf(read: TextReader): TextReader {
  return (value, reject) => {
    if (!Array.isArray(value) || value.length === 0) {
      return reject({ reason: "must be a list with at least one item", got: formatValue(value) });
    }
    const items = value.map((item, index) =>
      read(item, (issue) => reject({ ...issue, path: [index, ...(issue.path ?? [])] })),
    );
    return items.includes(undefined) ? undefined : items.join(",");
  };
}

export const nonEmpty = matching(/./, "a string that is not empty");

/** A Kubernetes quantity. */
export const quantity: TextReader = (value, reject) =>
  typeof value === "string" && parseQuantity(value) !== undefined
    ? value
    : reject({ reason: 'must be a Kubernetes quantity, e.g. "100m" or "64Mi"', got: formatValue(value) });

/** A duration that Go's `time.ParseDuration` accepts, as the injector requires: no days. */
export const goDuration = matching(/^(\d+(\.\d+)?(ms|s|m|h))+$/, 'a duration, e.g. "30s" or "1m30s"');

/** A duration that Linkerd's policy controller accepts: one integer and its unit. */
export const policyDuration = matching(
  /^\d+(ms|s|m|h|d)$/,
  'an integer with a unit ms, s, m, h or d, e.g. "500ms"',
);
