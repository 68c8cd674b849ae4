/** The acceptance test for other programs: `linkerd-mesh/verify`. */
export { CHECK_NAMES, type Check, type CheckContext, type CheckName } from "./checks/check.ts";
export type { RunResources } from "./cleanup/clean-up.ts";
export type { CheckStatus, Finding, Problem } from "./report/finding.ts";
export type { CheckResult, VerifiedMesh, VerifyReport } from "./report/report.ts";
export { VerifyError } from "./verify-error.ts";
export { type VerifyOptions, verifyMesh } from "./verify-mesh.ts";
