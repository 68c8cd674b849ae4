/** Workflows that violate a rule. */

/** A workflow with one change, and the issue that the rules must find. */
export interface BrokenWorkflow {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly issue: RegExp;
}
