/** The result of a check. */

/** A broken promise of the mesh. */
export interface Problem {
  /** The observation, one sentence with figures, e.g. `port 25: no greeting within 1 s`. */
  readonly observed: string;
  /** The likely cause, one sentence. */
  readonly cause: string;
  /** The page that explains it, relative to the repository, e.g. `docs/workloads.md#ports`. */
  readonly docs: string;
}

/** All that a check found. It passed if it has no problems. */
export interface Finding {
  /** The observations, one sentence each, with figures. */
  readonly observed: readonly string[];
  readonly problems: readonly Problem[];
  /** Why the check, or a part of it, could not run here. A check with nothing observed and no problem is skipped. */
  readonly skipped?: readonly string[];
}

export type CheckStatus = "passed" | "failed" | "skipped";

/** `failed` with problems; `skipped` if nothing was observed; else `passed`. */
export function statusOf({ observed, problems }: Finding): CheckStatus {
  if (problems.length > 0) return "failed";
  return observed.length > 0 ? "passed" : "skipped";
}
