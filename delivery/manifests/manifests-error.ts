/** Errors of `npm run manifests` that need no stack trace. */
import { joinIssue, type ValidationIssue } from "../../components/inputs/validation.ts";

/** The command cannot run. The message has the form of all issues: `<path>: must be …, got …. <Why>. Fix: …`. */
export class ManifestsError extends Error {
  /**
   * @param subject an option, a setting or a file, e.g. `--charts`
   * @param fixes imperative sentences or commands, the best first
   */
  constructor(subject: string, issue: Omit<ValidationIssue, "path" | "fixes">, fixes: readonly string[]) {
    super(joinIssue(subject, { ...issue, path: [] }, fixes));
  }
}
