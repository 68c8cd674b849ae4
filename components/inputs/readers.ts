/** Readers of single values: each returns the text that goes to the cluster, or throws a `RangeError`. */
import { quantity as amount } from "../linkerd/values/proxy.ts";

/** A value into the text that stands for it. */
export type Read = (value: unknown) => string;

export function matching(pattern: RegExp, expected: string): Read {
  return (value) => {
    if (typeof value === "string" && pattern.test(value)) return value;
    throw new RangeError(`expected ${expected}; given ${JSON.stringify(value)}.`);
  };
}

export function oneOf(...values: readonly string[]): Read {
  return matching(new RegExp(`^(${values.join("|")})$`), `one of ${values.join(", ")}`);
}

export function flag(yes: string, no: string): Read {
  return (value) => {
    if (typeof value === "boolean") return value ? yes : no;
    throw new RangeError(`expected true or false; given ${JSON.stringify(value)}.`);
  };
}

export function wholeNumber(from: number, to: number): Read {
  return (value) => {
    if (Number.isInteger(value) && (value as number) >= from && (value as number) <= to) return String(value);
    throw new RangeError(`expected a whole number from ${from} to ${to}; given ${JSON.stringify(value)}.`);
  };
}

/** A list, each item read by `read`, joined by commas. */
export function listOf(read: Read): Read {
  return (value) => {
    if (Array.isArray(value) && value.length > 0) return value.map(read).join(",");
    throw new RangeError(`expected a list of at least one; given ${JSON.stringify(value)}.`);
  };
}

export const nonEmpty = matching(/./, "a text that is not empty");

/** Kubernetes' resource.Quantity, as the mesh's own settings read it. */
export const quantity: Read = (value) => {
  if (typeof value === "string" && amount(value) !== undefined) return value;
  throw new RangeError(`expected a quantity, e.g. "100m" or "64Mi"; given ${JSON.stringify(value)}.`);
};

/** Go's time.ParseDuration, by which the injector reads: no days. */
export const goDuration = matching(/^(\d+(\.\d+)?(ms|s|m|h))+$/, 'a duration, e.g. "30s" or "1m30s"');

/** What Linkerd's policy controller reads: one whole number and its unit. */
export const policyDuration = matching(
  /^\d+(ms|s|m|h|d)$/,
  'a whole number of ms, s, m, h or d, e.g. "500ms"',
);
