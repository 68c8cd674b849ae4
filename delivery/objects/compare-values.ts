/** Differences between two values of JSON, field by field. */
import { isDeepStrictEqual } from "node:util";
import type { Json } from "./kubernetes-object.ts";
import { isFields, isOrdered, keyEntries } from "./list-keys.ts";
import type { FieldChange, PathStep } from "./object-changes.ts";
import { formatFields, formatPath } from "./path.ts";

type Value = Json | undefined;

/** Maps of strings. One that is missing equals an empty one, so each of its keys is a change of its own. */
const STRING_MAPS = new Set([
  "annotations",
  "binaryData",
  "data",
  "labels",
  "limits",
  "matchLabels",
  "nodeSelector",
  "requests",
]);

/**
 * Compares two values of an object of `kind` (group and kind). A `null` equals a missing field, as for Helm and for the
 * API server. A list without keys is one value.
 */
export function compareValues(
  kind: string,
  steps: readonly PathStep[],
  before: Value,
  after: Value,
): FieldChange[] {
  const last = steps.at(-1);
  const isMap = typeof last === "string" && STRING_MAPS.has(last);
  const [left, right] = [before, after].map((value) => value ?? (isMap ? {} : undefined));
  if (isFields(left) && isFields(right)) return compareFields(kind, steps, left, right);
  if (Array.isArray(left) && Array.isArray(right)) {
    const keyed = compareEntries(kind, steps, left, right);
    if (keyed !== undefined) return keyed;
  }
  return isDeepStrictEqual(withoutNull(left), withoutNull(right)) ? [] : [change(steps, left, right)];
}

function compareFields(
  kind: string,
  steps: readonly PathStep[],
  before: { readonly [field: string]: Value },
  after: { readonly [field: string]: Value },
): FieldChange[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields].flatMap((field) =>
    compareValues(kind, [...steps, field], readOwn(before, field), readOwn(after, field)),
  );
}

/** A field may have the name of a method, such as `toString`. */
function readOwn(fields: { readonly [field: string]: Value }, field: string): Value {
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function compareEntries(
  kind: string,
  steps: readonly PathStep[],
  before: readonly Json[],
  after: readonly Json[],
): FieldChange[] | undefined {
  const path = formatFields(steps);
  const [left, right] = [keyEntries(kind, path, before), keyEntries(kind, path, after)];
  if (left === undefined || right === undefined) return undefined;
  const entries = [...new Set([...left.keys(), ...right.keys()])].flatMap((entry) =>
    compareValues(kind, [...steps, { entry }], left.get(entry), right.get(entry)),
  );
  return isOrdered(path) ? [...entries, ...compareOrder(steps, left, right)] : entries;
}

/** One change if the entries that both lists have are in another order. */
function compareOrder(
  steps: readonly PathStep[],
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): FieldChange[] {
  const left = [...before.keys()].filter((key) => after.has(key));
  const right = [...after.keys()].filter((key) => before.has(key));
  return isDeepStrictEqual(left, right) ? [] : [change([...steps, { order: true }], left, right)];
}

function change(steps: readonly PathStep[], before: Value, after: Value): FieldChange {
  return {
    path: formatPath(steps),
    steps,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

/** The value without fields that are `null`. In a list, `null` is an entry. */
function withoutNull(value: Value): Value {
  if (Array.isArray(value)) return value.map((entry) => withoutNull(entry) ?? null);
  if (!isFields(value)) return value ?? undefined;
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNull(field)]));
}
