/** The PodDisruptionBudget of a workload: how many pods may be evicted at a time, e.g. when a node is drained. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../inputs/outputs.ts";
import { formatValue, type IssueCollector } from "../inputs/validation.ts";
import type { ObjectMeta, Report } from "../meshing/pod-template.ts";
import type { DisruptionBudgetChildArgs } from "./transform.ts";

/**
 * Options of the PodDisruptionBudget: one of the two, a number of pods or a percentage of the replicas.
 * See {@link MeshedDeploymentArgs.disruptionBudget}.
 */
export interface DisruptionBudgetOptions {
  /** Pods that must stay available, e.g. `2` or `"50%"`. @default none */
  minAvailable?: pulumi.Input<number | string> | undefined;
  /** Pods that may be unavailable, e.g. `2` or `"25%"`. @default 1 if `minAvailable` is not set, else none */
  maxUnavailable?: pulumi.Input<number | string> | undefined;
}

/** The arguments of the PodDisruptionBudget. */
export function disruptionBudgetArgs(
  { minAvailable, maxUnavailable }: DisruptionBudgetOptions,
  metadata: ObjectMeta,
  selector: pulumi.Input<k8s.types.input.meta.v1.LabelSelector>,
): DisruptionBudgetChildArgs {
  return {
    metadata,
    spec: {
      selector,
      ...(minAvailable === undefined ? { maxUnavailable: maxUnavailable ?? 1 } : { minAvailable }),
      unhealthyPodEvictionPolicy: "AlwaysAllow",
    },
  };
}

/**
 * Adds an issue for each invalid option and for a budget that would block every drain. Reports a budget that would do so
 * with one replica, if the number of replicas is not set.
 *
 * @param replicas the lowest number of replicas; `undefined` if nothing sets it
 */
export function validateDisruptionBudget(
  options: DisruptionBudgetOptions,
  replicas: unknown,
  issues: IssueCollector,
  report: Report,
): void {
  issues.addUnknownKeys(["disruptionBudget"], options, ["minAvailable", "maxUnavailable"]);
  if (options.minAvailable !== undefined && options.maxUnavailable !== undefined) {
    issues.add({
      path: ["disruptionBudget", "minAvailable"],
      reason: "must not be set together with disruptionBudget.maxUnavailable",
      conflictsWith: ["disruptionBudget", "maxUnavailable"],
      fixes: [{ kind: "remove" }, { kind: "instruction", text: "remove disruptionBudget.maxUnavailable" }],
    });
  }
  const minAvailable = knownValue(options.minAvailable);
  const maxUnavailable = knownValue(options.maxUnavailable);
  for (const [field, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined || Number.isFinite(countPods(value, 1))) continue;
    issues.add({
      path: ["disruptionBudget", field],
      reason: 'must be a number of pods or a percentage, e.g. 1 or "50%"',
      got: formatValue(value),
    });
  }
  if (maxUnavailable !== undefined && countPods(maxUnavailable, 100) === 0) {
    issues.add({
      path: ["disruptionBudget", "maxUnavailable"],
      reason: "must allow at least one pod to be unavailable",
      got: formatValue(maxUnavailable),
      because: "Otherwise no node with one of the pods can be drained",
    });
  }
  if (replicas === undefined) {
    // An autoscaler of another program may set it.
    if (keepsAll(minAvailable, 1)) report(ONE_REPLICA_WARNING);
    return;
  }
  const known = knownValue(replicas) as number | undefined;
  // Without replicas, nothing blocks a drain.
  if (known && keepsAll(minAvailable, known)) {
    issues.add({
      path: ["disruptionBudget", "minAvailable"],
      reason: "must be less than the number of replicas",
      got: `${formatValue(minAvailable)} of ${known}`,
      because: "Otherwise no node with one of the pods can be drained",
      fixes: [
        { kind: "instruction", text: "set disruptionBudget.maxUnavailable to 1 instead" },
        { kind: "instruction", text: "increase the number of replicas" },
      ],
    });
  }
}

const ONE_REPLICA_WARNING =
  "disruptionBudget.minAvailable blocks the drain of a node while there is one replica, the default of Kubernetes. " +
  "Set spec.replicas or autoscaling.min, or use disruptionBudget.maxUnavailable, which suits any number of replicas.";

/** Whether no pod of `replicas` may be unavailable. */
function keepsAll(minAvailable: number | string | undefined, replicas: number): boolean {
  return minAvailable !== undefined && countPods(minAvailable, replicas) >= replicas;
}

/** The pods in a number, or in a percentage of `all`, rounded up as Kubernetes does. NaN if it is neither. */
function countPods(value: number | string, all: number): number {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : Number.NaN;
  const [, percent] = /^(\d{1,3})%$/.exec(value) ?? [];
  return percent === undefined ? Number.NaN : Math.ceil((Number(percent) * all) / 100);
}
