/** Which workloads restart. */
import { formatName, type KubernetesObject } from "./kubernetes-object.ts";
import { groupKind } from "./list-keys.ts";
import type { ChangedObject, FieldChange, ObjectChanges, Restart } from "./object-changes.ts";
import { isBelow } from "./path.ts";
import { selectsLabels } from "./selectors.ts";
import { describeWaiting, isRestarting, readFields } from "./workloads.ts";

/**
 * Returns the workloads whose pods are replaced, sorted by namespace, kind and name.
 *
 * The pods of a Deployment, a StatefulSet or a DaemonSet restart exactly if the pod template differs: charts rely on
 * that with the annotation `checksum/config`. They also restart if the object is replaced, because its selector is
 * immutable. Jobs and CronJobs start new pods, and replace none.
 *
 * @param after All objects after the change, with the PodDisruptionBudgets.
 */
export function findRestarts(changes: ObjectChanges, after: readonly KubernetesObject[]): Restart[] {
  const budgets = after.filter((object) => groupKind(object) === "policy/PodDisruptionBudget");
  return changes.changed
    .filter(({ after: object }) => isRestarting(object) && describeWaiting(object) === undefined)
    .flatMap((changed) => toRestart(changed, budgets));
}

/** Whether the change of a workload replaces its pods. */
export function restartsPods({ steps }: FieldChange): boolean {
  return isBelow(steps, "spec", "template") || isBelow(steps, "spec", "selector");
}

function toRestart({ after, fields }: ChangedObject, budgets: readonly KubernetesObject[]): Restart[] {
  const because = fields.filter(restartsPods).map(({ path }) => path);
  if (because.length === 0) return [];
  const budget = findBudget(after, budgets);
  return [
    {
      workload: formatName(after.metadata),
      kind: after.kind,
      pods: readPods(after),
      ...(budget === undefined ? {} : { budget }),
      because,
    },
  ];
}

/**
 * The number of pods that a workload requests, `undefined` for a DaemonSet. Deployments and StatefulSets default to 1.
 *
 * @param object with `spec`, which may be missing
 */
export function readPods(object: { readonly kind?: unknown }): number | undefined {
  if (object.kind === "DaemonSet") return undefined;
  const { replicas } = readFields(object, "spec");
  return typeof replicas === "number" ? replicas : 1;
}

function findBudget(object: KubernetesObject, budgets: readonly KubernetesObject[]): string | undefined {
  const labels = readFields(object, "spec", "template", "metadata", "labels");
  const budget = budgets.find(
    ({ metadata, spec }) =>
      metadata.namespace === object.metadata.namespace && selectsLabels(readFields(spec).selector, labels),
  );
  if (budget === undefined) return undefined;
  const { maxUnavailable, minAvailable } = readFields(budget, "spec");
  const limit =
    maxUnavailable === undefined ? `minAvailable ${minAvailable}` : `maxUnavailable ${maxUnavailable}`;
  return `${budget.metadata.name} (${limit})`;
}
