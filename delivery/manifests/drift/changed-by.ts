/** Who caused drift, as far as the API server records it. */
import type { ManagedFields } from "../../../stacks/cluster/cluster.ts";
import { identifyObject } from "../../objects/kubernetes-object.ts";
import type { ChangedObject } from "../../objects/object-changes.ts";
import { findManagers } from "./managed-fields.ts";

/**
 * Describes who set the fields of an object that differ, e.g. `kubectl-edit at 2026-11-29T18:00:00Z`. Empty for fields that
 * Pulumi set, so for changes of the program that are not deployed, and for fields that someone removed.
 */
export function findChangedBy(
  { before, fields }: ChangedObject,
  managers: ReadonlyMap<string, readonly ManagedFields[]>,
): string[] {
  const managedFields = managers.get(identifyObject(before)) ?? [];
  return [...new Set(fields.flatMap(({ steps }) => findManagers(managedFields, steps)))].sort();
}
