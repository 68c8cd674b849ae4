/** PersistentVolumeClaims that are deleted or that request less. */
import { parseQuantity } from "../../../components/inputs/quantity.ts";
import { formatObject, type Json, type KubernetesObject } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { ChangedObject, Irreversible, ObjectChanges } from "../object-changes.ts";
import { readFields } from "../workloads.ts";

/** Finds deleted claims and claims whose size shrinks. Other fields of a claim are immutable. */
export function findLostStorage({ removed, changed }: ObjectChanges): Irreversible[] {
  return [
    ...removed.filter(isClaim).map((claim) => ({
      object: formatObject(claim),
      what: "is deleted",
      why: "Kubernetes deletes the volume and its data, unless the reclaim policy of the volume is Retain. Back up the data first.",
    })),
    ...changed.filter(({ after }) => isClaim(after)).flatMap(findShrunk),
  ];
}

function isClaim(object: KubernetesObject): boolean {
  return groupKind(object) === "/PersistentVolumeClaim";
}

function findShrunk({ before, after }: ChangedObject): Irreversible[] {
  const [old, size] = [before, after].map(readSize);
  const [from, to] = [old, size].map((value) => parseQuantity(String(value)));
  if (from === undefined || to === undefined || to >= from) return [];
  return [
    {
      object: formatObject(after),
      what: `shrinks from ${old} to ${size}`,
      why: "The API server rejects a smaller size, so `up` fails. Create another claim, and copy the data.",
    },
  ];
}

function readSize(claim: KubernetesObject): Json | undefined {
  return readFields(claim, "spec", "resources", "requests").storage;
}
