/**
 * Reduces an object in the cluster to the fields that someone set, so that it can be compared with a rendered object: the
 * API server adds defaults, and controllers add fields of their own.
 */
import { parseQuantity } from "../../../components/inputs/quantity.ts";
import type { FieldTree } from "../../../stacks/cluster/cluster.ts";
import type { Json, KubernetesObject } from "../../objects/kubernetes-object.ts";
import { groupKind, isFields, keyEntries } from "../../objects/list-keys.ts";
import type { Fields } from "../../objects/workloads.ts";
import { descendToEntry, descendToField, isOwned } from "./managed-fields.ts";

/** Returns the desired text if it stands for the live value, else the live value in a form that can be compared. */
export type DescribeLive = (live: Json, desired: string) => Json;

/** Annotations that record an operation and configure nothing. */
const BOOKKEEPING: ReadonlySet<string> = new Set([
  "deployment.kubernetes.io/revision",
  "kubectl.kubernetes.io/last-applied-configuration",
  "kubectl.kubernetes.io/restartedAt",
]);

/** Fields whose values are quantities, which the API server normalizes: `0.1` becomes `100m`. */
const QUANTITIES: ReadonlySet<string> = new Set(["requests", "limits", "sizeLimit", "capacity"]);

/** The fields below a value that someone else owns completely. */
const OWNED: readonly FieldTree[] = [{}];

/**
 * Returns the live object with only the fields that the desired object has, and those that someone else owns. Where the
 * live value is the same in other words, the result has the desired value.
 *
 * @param foreign the fields of managers whose changes are drift
 * @param describe compares a text that is not the live value @default the live value
 */
export function projectLive(
  live: KubernetesObject,
  desired: KubernetesObject,
  foreign: readonly FieldTree[],
  describe: DescribeLive = (value) => value,
): KubernetesObject {
  const { status: _, ...found } = live;
  const { status: __, ...wanted } = desired;
  const { apiVersion, kind, metadata } = desired;
  const context = { describe, kind: groupKind(desired), path: [], isQuantity: false };
  const projected = projectFields(found as Fields, wanted as Fields, foreign, context);
  const { name, namespace } = metadata;
  const identity = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { ...projected, apiVersion, kind, metadata: { ...(projected.metadata as object), ...identity } };
}

interface Context {
  readonly describe: DescribeLive;
  /** Group and kind of the object. */
  readonly kind: string;
  /** The fields that lead to the value, without the entries of lists. */
  readonly path: readonly string[];
  readonly isQuantity: boolean;
}

function project(live: Json, desired: Json, foreign: readonly FieldTree[], context: Context): Json {
  if (isFields(live) && isFields(desired)) return projectFields(live, desired, foreign, context);
  if (Array.isArray(live) && Array.isArray(desired)) return projectList(live, desired, foreign, context);
  // Null and empty text are the absence of a value, which the API server may fill.
  if ((desired === null || desired === "") && foreign.length === 0) return desired;
  if (live === desired || (context.isQuantity && isSameQuantity(live, desired))) return desired;
  return typeof desired === "string" ? context.describe(live, desired) : live;
}

function projectFields(
  live: Fields,
  desired: Fields,
  foreign: readonly FieldTree[],
  context: Context,
): Fields {
  const result: Record<string, Json> = {};
  for (const [key, wanted = null] of Object.entries(desired)) {
    const found = live[key];
    const isQuantity = context.isQuantity || QUANTITIES.has(key);
    const below = { ...context, path: [...context.path, key], isQuantity };
    if (found !== undefined) result[key] = project(found, wanted, descendToField(foreign, key), below);
    else if (isEmpty(wanted)) result[key] = wanted;
  }
  for (const [key, found = null] of Object.entries(live)) {
    if (key in desired || BOOKKEEPING.has(key)) continue;
    const added = restrict(found, descendToField(foreign, key));
    if (added !== undefined) result[key] = added;
  }
  return result;
}

function projectList(
  live: readonly Json[],
  desired: readonly Json[],
  foreign: readonly FieldTree[],
  context: Context,
): Json {
  const path = context.path.join(".");
  const [found, wanted] = [live, desired].map((list) => keyEntries(context.kind, path, list));
  if (found !== undefined && wanted !== undefined) {
    return [...found].flatMap(([key, entry]) => {
      const match = wanted.get(key);
      const below = descendToEntry(foreign, entry);
      const projected =
        match === undefined ? restrict(entry, below) : projectFields(entry, match, below, context);
      return projected === undefined ? [] : [projected];
    });
  }
  if (live.length !== desired.length) return live;
  // An entry of a list without keys has no owner of its own.
  return live.map((entry, index) =>
    project(entry, desired[index] ?? null, isOwned(foreign) ? OWNED : [], context),
  );
}

/** The part of a value that someone else owns. `undefined` if nothing of it. */
function restrict(live: Json, foreign: readonly FieldTree[]): Json | undefined {
  if (foreign.length === 0) return undefined;
  if (isOwned(foreign)) return live;
  if (isFields(live)) {
    const owned = Object.entries(live)
      .filter(([key]) => !BOOKKEEPING.has(key))
      .map(([key, value = null]) => [key, restrict(value, descendToField(foreign, key))] as const)
      .filter((entry): entry is readonly [string, Json] => entry[1] !== undefined);
    return owned.length > 0 ? Object.fromEntries(owned) : undefined;
  }
  if (!Array.isArray(live)) return live;
  const owned = live.flatMap((entry: Json) => {
    const below = isFields(entry)
      ? restrict(entry, descendToEntry(foreign, entry))
      : ownedValue(entry, foreign);
    return below === undefined ? [] : [below];
  });
  return owned.length > 0 ? owned : undefined;
}

/** An entry of a set, if someone else owns it. */
function ownedValue(entry: Json, foreign: readonly FieldTree[]): Json | undefined {
  return foreign.some((tree) => `v:${JSON.stringify(entry)}` in tree) ? entry : undefined;
}

function isSameQuantity(live: Json, desired: Json): boolean {
  const [a, b] = [live, desired].map((value) => parseQuantity(String(value)));
  return a !== undefined && a === b;
}

/** Whether the API server leaves the value out when it stores the object. */
function isEmpty(value: Json | undefined): boolean {
  if (isFields(value)) return Object.values(value).every(isEmpty);
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}
