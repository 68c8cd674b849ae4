/** Compares Secrets without reading their data. */
import type { FieldTree, ManagedFields } from "../../../stacks/cluster/cluster.ts";
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";
import { isFields } from "../../objects/list-keys.ts";
import { descendToField, findForeign, treesOf } from "./managed-fields.ts";
import { type DescribeLive, projectLive } from "./project-live.ts";

/** Stands for data that someone else set. Not base64, so no Secret has it. */
const CHANGED = "[changed]";

/**
 * Returns the desired Secret as it is in the cluster, as far as its metadata shows: `managedFields` has the names of its
 * keys, and who set each of them. A key without an owner does not exist.
 */
export function projectSecret(
  metadata: object,
  desired: KubernetesObject,
  managedFields: readonly ManagedFields[],
  describe?: DescribeLive,
): KubernetesObject {
  const foreign = treesOf(findForeign(managedFields));
  const { apiVersion, kind, metadata: wanted, ...content } = desired;
  const live = { apiVersion, kind, metadata } as KubernetesObject;
  const identity = { apiVersion, kind, metadata: wanted };
  const projected = projectLive(live, identity, foreign, describe);
  const owned = descendToField(treesOf(managedFields), "data");
  const changed = descendToField(foreign, "data");
  const data = keepOwned(content.data, owned, changed);
  const stringData = keepOwned(content.stringData, owned, changed);
  const added = changed
    .flatMap((tree) => Object.keys(tree))
    .filter((step) => step.startsWith("f:"))
    .map((step) => step.slice(2))
    .filter((key) => ![data, stringData].some((known) => isFields(known) && key in known));
  return {
    ...projected,
    ...content,
    ...(stringData === undefined ? {} : { stringData }),
    ...(data === undefined && added.length === 0
      ? {}
      : { data: { ...(data as object), ...Object.fromEntries(added.map((key) => [key, CHANGED])) } }),
  };
}

/** The keys that exist, with {@link CHANGED} for those that someone else set. Data that is one placeholder stays. */
function keepOwned(data: unknown, owned: readonly FieldTree[], changed: readonly FieldTree[]): unknown {
  if (!isFields(data)) return data;
  return Object.fromEntries(
    Object.entries(data)
      .filter(([key]) => descendToField(owned, key).length > 0)
      .map(([key, value]) => [key, descendToField(changed, key).length > 0 ? CHANGED : value]),
  );
}
