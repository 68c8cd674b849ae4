/** Values of Linkerd's charts beyond the arguments of the mesh. */
import { type ChartValues, isTable } from "../../inputs/merge.ts";
import { knownValue } from "../../inputs/outputs.ts";
import { formatPath, formatValue, type ValidationIssue } from "../../inputs/validation.ts";
import { changedValueIssues } from "./number-rules.ts";
import { OWNED_VALUES, type OwnedValues } from "./owned-values.ts";

/** Values for each chart, nested as in its `values.yaml`. They are merged last, over all other values. */
export interface ExtraValues {
  /** Values of the chart `linkerd-crds`. */
  crds?: ChartValues | undefined;
  /** Values of the chart `linkerd-control-plane`. */
  controlPlane?: ChartValues | undefined;
  /** Values of the chart `linkerd-viz`. */
  viz?: ChartValues | undefined;
  /** Values of the chart `linkerd2-cni`. */
  cni?: ChartValues | undefined;
}

/** Rejects values that another argument owns, and names that argument, and values that would reach the chart changed. */
export function extraValueIssues(extraValues: ExtraValues = {}): ValidationIssue[] {
  return (Object.keys(OWNED_VALUES) as (keyof ExtraValues)[]).flatMap((chart) => {
    const [values, path] = [extraValues[chart] ?? {}, ["extraValues", chart]];
    const owned = findOwned(values, OWNED_VALUES[chart], path);
    const rejected = new Set(owned.map((issue) => formatPath(issue.path)));
    return [
      ...owned,
      ...changedValueIssues(values, path).filter((issue) => !rejected.has(formatPath(issue.path))),
    ];
  });
}

function findOwned(values: ChartValues, owned: OwnedValues, path: readonly string[]): ValidationIssue[] {
  return Object.entries(values).flatMap(([key, value]): ValidationIssue[] => {
    const owner = Object.hasOwn(owned, key) ? owned[key] : undefined;
    if (owner === undefined) return [];
    if (typeof owner === "object" && isTable(value)) return findOwned(value, owner, [...path, key]);
    const got = formatValue(knownValue(value));
    return [
      {
        path: [...path, key],
        ...(typeof owner === "string"
          ? { reason: `must be set with ${owner} instead` }
          : { reason: "must be an object", because: "It contains values that are set elsewhere" }),
        // Neither an unknown value nor a private key for a chart is shown.
        ...(knownValue(value) === undefined || got.includes("PRIVATE KEY") ? {} : { got }),
        fixes: [{ kind: "remove" }],
      },
    ];
  });
}
