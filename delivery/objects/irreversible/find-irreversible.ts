/** Changes that a second change does not undo, or that fail halfway. */
import type { KubernetesObject } from "../kubernetes-object.ts";
import type { Irreversible, ObjectChanges } from "../object-changes.ts";
import type { ProgramResource, ResourceChanges } from "../program-resource.ts";
import { findFailurePolicies } from "./failure-policies.ts";
import { findImmutableFields } from "./immutable-fields.ts";
import { findLostAnchors } from "./lost-anchors.ts";
import { findLostApis } from "./lost-apis.ts";
import { findLostGuards } from "./lost-guards.ts";
import { findLostObjects } from "./lost-objects.ts";
import { findLostStorage } from "./lost-storage.ts";

/**
 * Returns the changes of objects and resources that cannot be undone, or that fail: the greatest loss first, then
 * sorted by object.
 *
 * @param changes Without the objects that the cluster keeps (see `splitKept`).
 */
export function findIrreversible(changes: ObjectChanges, resources: ResourceChanges): Irreversible[] {
  return [
    ...findLostApis(changes),
    ...findLostObjects(changes),
    ...findLostStorage(changes),
    ...findLostAnchors(changes, resources),
    ...findLostGuards(resources),
    ...findImmutableFields(changes),
    ...findFailurePolicies(changes),
  ];
}

/** Splits removed objects into those that the cluster deletes and those that it keeps. */
export function splitKept(
  removed: readonly KubernetesObject[],
  before: readonly ProgramResource[],
): { readonly deleted: readonly KubernetesObject[]; readonly kept: readonly KubernetesObject[] } {
  const retained = before.filter(({ options }) => options.retainOnDelete === true);
  const isKept = ({ kind, metadata }: KubernetesObject) =>
    // Helm leaves an object with this annotation in the cluster (helm, pkg/action/resource_policy.go).
    metadata.annotations?.["helm.sh/resource-policy"] === "keep" ||
    retained.some(({ type, inputs }) => {
      const { name, namespace } = (inputs.metadata ?? {}) as { name?: unknown; namespace?: unknown };
      return (
        type.startsWith("kubernetes:") &&
        type.endsWith(`:${kind}`) &&
        name === metadata.name &&
        namespace === metadata.namespace
      );
    });
  return {
    deleted: removed.filter((object) => !isKept(object)),
    kept: removed.filter(isKept),
  };
}
