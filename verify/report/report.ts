/** The report of a run, which `--json` prints. */
import type { CheckName } from "../checks/check.ts";
import type { CheckStatus, Problem } from "./finding.ts";

/** The result of one check. */
export interface CheckResult {
  readonly name: CheckName;
  readonly title: string;
  readonly status: CheckStatus;
  /** Duration of the check. */
  readonly seconds: number;
  readonly observed: readonly string[];
  readonly problems: readonly Problem[];
  /** Why the check, or a part of it, did not run. */
  readonly skipped: readonly string[];
}

/** The mesh that was verified. */
export interface VerifiedMesh {
  /** The namespace of the control plane. */
  readonly namespace: string;
  /** Version of the control plane, e.g. `edge-26.8.3`. */
  readonly linkerdVersion: string;
  /** The stack of the mesh as given; `null` without one. */
  readonly stack: string | null;
}

/** All results of a run. */
export interface VerifyReport {
  readonly mesh: VerifiedMesh;
  readonly results: readonly CheckResult[];
  /** Numbers of checks. */
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Duration of the run with its cleanup. */
  readonly seconds: number;
  /** The namespace of the workloads. */
  readonly namespace: string;
  /** Whether the namespace still exists because of the option `keep`. */
  readonly kept: boolean;
  /** Why the namespace could not be deleted; `null` if it is gone or kept. */
  readonly cleanupError: string | null;
}

/** The numbers of checks by status. */
export function countResults(
  results: readonly CheckResult[],
): Pick<VerifyReport, "passed" | "failed" | "skipped"> {
  const count = (status: CheckResult["status"]) => results.filter((each) => each.status === status).length;
  return { passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}
