/** Pure: what a preview does not check, because a cluster or a chart repository does not answer. */
import type { Fix, Path, ValidationIssue } from "../../components/inputs/validation.ts";

/** A check that a preview leaves out. `up` does not. */
export interface Unchecked {
  /** What does not answer. */
  readonly cause: {
    /** The setting that selects it. */
    readonly path: Path;
    /** The requirement, as in a {@link ValidationIssue}: `should …`. */
    readonly reason: string;
    /** Its value, if messages show it. */
    readonly got?: string;
    /** Why it does not answer: a sentence without its full stop. */
    readonly failure: string;
    readonly fixes: readonly Fix[];
  };
  /** What the preview does not know: clauses that begin with "whether". */
  readonly what: readonly string[];
}

/** The result of a check before the first change. */
export interface CheckReport {
  /** Reasons not to run, also in a preview. */
  readonly issues: readonly ValidationIssue[];
  /** What a preview does not check. Empty in `up`. */
  readonly unchecked: readonly Unchecked[];
}

/** The result of a check that finds nothing. */
export const NOTHING_FOUND: CheckReport = { issues: [], unchecked: [] };

/** One issue to warn of for each cause, with everything that is not checked because of it. */
export function uncheckedWarnings(unchecked: readonly Unchecked[]): ValidationIssue[] {
  const byCause = Map.groupBy(unchecked, ({ cause }) => JSON.stringify(cause));
  return [...byCause.values()].map((ofCause) => {
    const [{ cause }] = ofCause as [Unchecked];
    const { failure, ...issue } = cause;
    const clauses = [...new Set(ofCause.flatMap(({ what }) => what))];
    return {
      ...issue,
      because:
        `${capitalize(failure)}. This preview does not check ${joinClauses(clauses)}. ` +
        "`pulumi up` checks it before it changes anything, and fails without an answer",
    };
  });
}

function joinClauses(clauses: readonly string[]): string {
  return [clauses.slice(0, -1).join(", "), ...clauses.slice(-1)].filter((part) => part !== "").join(", or ");
}

/** A sentence that begins with an address keeps it. */
function capitalize(sentence: string): string {
  return /^\w+:\/\//.test(sentence) ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
