/** Workloads, and the pod templates that their controllers follow. */
import type { Json, KubernetesObject } from "./kubernetes-object.ts";
import { groupKind, isFields } from "./list-keys.ts";

/** Fields of an object, e.g. of `spec`. */
export type Fields = { readonly [field: string]: Json | undefined };

/** Kinds whose controller replaces running pods after a change of the template, by group and kind. */
const RESTARTING = new Set(["apps/Deployment", "apps/StatefulSet", "apps/DaemonSet"]);

/** Whether the controller of the object replaces its pods when the template changes. */
export function isRestarting(object: KubernetesObject): boolean {
  return RESTARTING.has(groupKind(object));
}

/** Returns the fields at a path; empty where a part of it is missing. */
export function readFields(value: unknown, ...path: readonly string[]): Fields {
  const [field, ...rest] = path;
  if (!isFields(value)) return {};
  return field === undefined ? value : readFields(value[field], ...rest);
}

/** Returns the list at a path; empty where a part of it is missing. */
export function readList(value: unknown, ...path: readonly string[]): readonly Json[] {
  const list = readFields(value, ...path.slice(0, -1))[path.at(-1) ?? ""];
  return Array.isArray(list) ? list : [];
}

/**
 * Why changed pods wait for something else than the controller: a sentence, or `undefined` if the controller replaces
 * them. DaemonSets and StatefulSets wait with `updateStrategy.type: OnDelete`, and a Deployment while it is paused.
 */
export function describeWaiting(object: KubernetesObject): string | undefined {
  const spec = readFields(object, "spec");
  if (readFields(spec, "updateStrategy").type === "OnDelete") {
    return "Each pod takes the change when it is deleted, because the update strategy is OnDelete.";
  }
  return spec.paused === true
    ? "The pods take the change when the Deployment is resumed, because it is paused."
    : undefined;
}
