/** Problems that several checks have in common. */
import type { Problem } from "../report/finding.ts";
import type { WorkloadName } from "../workloads/names.ts";

/** A workload that the check needs in the mesh runs outside of it, so the check proves nothing. */
export function missingProxies(workloads: readonly WorkloadName[]): Problem {
  return {
    observed: `no proxy in the pods of ${workloads.join(", ")}, so this check proves nothing`,
    cause:
      "The proxy injector did not handle the pods: it did not answer when they were created, or its webhook does not select their namespace.",
    docs: "docs/settings.md#injection",
  };
}

/** Joins problems of one cause. */
export function mergeByCause(problems: readonly Problem[]): Problem[] {
  return [...Map.groupBy(problems, ({ cause }) => cause).values()].flatMap(([first, ...others]) =>
    first ? [{ ...first, observed: [first, ...others].map(({ observed }) => observed).join("; ") }] : [],
  );
}
