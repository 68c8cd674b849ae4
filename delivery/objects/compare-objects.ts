/** Differences between two sets of Kubernetes objects. */
import { compareText } from "./compare-text.ts";
import { compareValues } from "./compare-values.ts";
import { identifyObject, isSecret, type Json, type KubernetesObject } from "./kubernetes-object.ts";
import { groupKind, isFields } from "./list-keys.ts";
import type { FieldChange, ObjectChanges } from "./object-changes.ts";
import { isBelow } from "./path.ts";

/** Fields that the API server writes. */
const SERVER_FIELDS = new Set([
  "creationTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
]);

/** Fields of a Secret that are not secret. */
const PUBLIC_FIELDS = new Set(["apiVersion", "immutable", "type"]);

/**
 * Compares objects by group, kind, namespace and name. An object with another name is a removed and an added one. The
 * order of the objects, `status`, and the fields that the API server writes have no effect. The changes of a Secret
 * name its keys without their values.
 *
 * @throws Error if two objects of one side are the same object.
 */
export function compareObjects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): ObjectChanges {
  const [left, right] = [indexObjects(before), indexObjects(after)];
  const [removed, added] = [withoutKeysOf(left, right), withoutKeysOf(right, left)];
  const changed = [...left].flatMap(([id, object]) => {
    const other = right.get(id);
    const fields = other === undefined ? [] : compareObject(object, other);
    return other === undefined || fields.length === 0 ? [] : [{ before: object, after: other, fields }];
  });
  return {
    added: added.sort(compareNames),
    removed: removed.sort(compareNames),
    changed: changed.sort((a, b) => compareNames(a.after, b.after)),
  };
}

/** The fields of one object that differ, sorted by path. */
function compareObject(before: KubernetesObject, after: KubernetesObject): FieldChange[] {
  const [left, right] = [before, after].map(comparable);
  const fields = compareValues(groupKind(after), [], left, right);
  const changes = isSecret(after) ? fields.map(hideValues) : fields;
  return changes.sort((a, b) => compareText(a.path, b.path));
}

function comparable(object: KubernetesObject): { readonly [field: string]: Json | undefined } {
  const { status: _, ...fields } = object;
  const metadata = Object.entries(object.metadata).filter(([field]) => !SERVER_FIELDS.has(field));
  const { stringData, ...rest } = { ...fields, metadata: Object.fromEntries(metadata) } as Record<
    string,
    Json
  >;
  return isSecret(object) && isFields(stringData)
    ? { ...rest, data: { ...(isFields(rest.data) ? rest.data : {}), ...encodeValues(stringData) } }
    : { ...rest, ...(stringData === undefined ? {} : { stringData }) };
}

/** `stringData` as the API server stores it. */
function encodeValues(data: { readonly [key: string]: Json | undefined }): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value)).toString("base64")]),
  );
}

/** Labels, the type and the flag `immutable` of a Secret are public. An annotation may repeat its data. */
function hideValues(change: FieldChange): FieldChange {
  const { path, steps, before, after } = change;
  const isPublic = isBelow(steps, "metadata", "labels") || PUBLIC_FIELDS.has(path);
  if (isPublic) return change;
  return {
    path,
    steps,
    ...(before === undefined ? {} : { before: "[secret]" }),
    ...(after === undefined ? {} : { after: before === undefined ? "[secret]" : "[another secret]" }),
  };
}

function indexObjects(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  const index = new Map(objects.map((object) => [identifyObject(object), object]));
  if (index.size === objects.length) return index;
  const ids = objects.map(identifyObject);
  const repeated = ids.find((id, position) => ids.indexOf(id) !== position);
  throw new Error(`objects: must be unique, got two objects with the identity ${repeated}.`);
}

function withoutKeysOf(
  objects: ReadonlyMap<string, KubernetesObject>,
  others: ReadonlyMap<string, KubernetesObject>,
): KubernetesObject[] {
  return [...objects].filter(([id]) => !others.has(id)).map(([, object]) => object);
}

/** By namespace, kind and name; objects without namespace first. */
function compareNames(a: KubernetesObject, b: KubernetesObject): number {
  const key = ({ kind, metadata: { namespace = "", name } }: KubernetesObject) =>
    [namespace, kind, name].join("\0");
  return compareText(key(a), key(b));
}
