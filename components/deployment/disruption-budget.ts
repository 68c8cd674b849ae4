/** The PodDisruptionBudget of a workload: how many pods a drained node may take at a time. */
import type * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../inputs/outputs.ts";
import type { Mistakes } from "../inputs/validation.ts";

/** One of the two, a number of pods or a percentage of them. */
export interface DisruptionBudgetOptions {
  /** Pods that must stay, e.g. `2` or `"50%"`. */
  minAvailable?: pulumi.Input<number | string> | undefined;
  /** Pods that may go. @default 1 */
  maxUnavailable?: pulumi.Input<number | string> | undefined;
}

/** The budget's share of the spec: what was given, or one pod at a time. */
export function disruptionBudget(options: DisruptionBudgetOptions): DisruptionBudgetOptions {
  const { minAvailable, maxUnavailable } = options;
  if (minAvailable !== undefined) return { minAvailable };
  return { maxUnavailable: maxUnavailable ?? 1 };
}

/**
 * Notes what is wrong with a budget for at least `replicas` pods, above all one by which no node could ever
 * be drained. Percentages round up, as Kubernetes rounds both.
 */
export function checkDisruptionBudget(
  options: DisruptionBudgetOptions,
  replicas: number | undefined,
  mistakes: Mistakes,
): void {
  mistakes.addUnknownKeys("disruptionBudget", options, ["minAvailable", "maxUnavailable"]);
  const [stay, go] = [knownValue(options.minAvailable), knownValue(options.maxUnavailable)];
  if (options.minAvailable !== undefined && options.maxUnavailable !== undefined) {
    mistakes.add("disruptionBudget", "has both minAvailable and maxUnavailable. Expected one of the two.");
  }
  for (const [field, value] of Object.entries({ minAvailable: stay, maxUnavailable: go })) {
    if (value === undefined || Number.isFinite(pods(value, 1))) continue;
    mistakes.add(
      `disruptionBudget.${field}`,
      `expected a number of pods or a percentage, e.g. 1 or "50%"; given ${JSON.stringify(value)}.`,
    );
  }
  if (go !== undefined && pods(go, 100) === 0) {
    mistakes.add("disruptionBudget.maxUnavailable", `${JSON.stringify(go)} lets no node be drained, ever.`);
  }
  // Without replicas there is nothing to evict, and nothing in the way of a drain.
  if (replicas && keepsAll(options, replicas)) {
    mistakes.add(
      "disruptionBudget.minAvailable",
      `${JSON.stringify(stay)} of ${replicas} lets no node be drained, ever. Expected fewer than ${replicas}; ` +
        `or ask for more replicas, or for maxUnavailable: 1.`,
    );
  }
}

/** Whether no pod of `replicas` may go, as far as is known. */
export function keepsAll({ minAvailable }: DisruptionBudgetOptions, replicas: number): boolean {
  const stay = knownValue(minAvailable);
  return stay !== undefined && pods(stay, replicas) >= replicas;
}

/** How many pods a number or a percentage of `all` is; NaN where it is neither. */
function pods(value: number | string, all: number): number {
  if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : Number.NaN;
  const [, percent] = /^(\d{1,3})%$/.exec(value) ?? [];
  return percent === undefined ? Number.NaN : Math.ceil((Number(percent) * all) / 100);
}
