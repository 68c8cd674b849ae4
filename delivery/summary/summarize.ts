/** The summary of operations on one or more stacks. */
import { withoutKeys } from "../../stacks/secrets/without-keys.ts";
import { COMMENT_BUDGET, fitSections } from "../markdown/fit-sections.ts";
import { findChanges } from "./changes.ts";
import { findLosses } from "./losses.ts";
import type { Operation } from "./operation.ts";
import {
  type Change,
  listDeletions,
  listDrift,
  listLosses,
  listRestarts,
  listUnknownValues,
  listUpdates,
} from "./sections/changes.ts";
import { listFailures, listNotes, listWarnings } from "./sections/messages.ts";
import { listResources } from "./sections/resources.ts";
import { formatTitle } from "./title.ts";

export interface SummaryOptions {
  /** Commit that the operations are about. */
  readonly head?: string | undefined;
  /** Longest Markdown, in characters. @default 60,000 */
  readonly budget?: number | undefined;
}

const POINTER =
  "_This summary is shortened. The workflow run has the complete one in its step summary, and the event logs._";

/**
 * Formats operations as Markdown for a comment on a pull request. What a reviewer has to read first is at the top. Equal
 * changes of several stacks appear once.
 *
 * @throws RangeError if the budget is too small for the titles alone
 */
export function summarize(operations: readonly Operation[], options: SummaryOptions = {}): string {
  const stacks = [...new Set(operations.map(({ stack }) => stack))];
  const changes = operations.flatMap((operation) =>
    operation.steps.map((step): Change => {
      const fields = findChanges(step, operation);
      return { operation, step, fields, losses: findLosses(step, operation, fields) };
    }),
  );
  const sections = [
    listFailures(operations, stacks),
    listLosses(changes, stacks),
    listRestarts(changes, stacks),
    listDeletions(changes, stacks),
    listDrift(changes, stacks),
    listUnknownValues(changes, stacks),
    listUpdates(changes, stacks),
    listWarnings(operations, stacks),
    listResources("Imports", "import", changes, stacks),
    listResources("New resources", "create", changes, stacks),
    listResources("Deleted from the state", "delete", changes, stacks),
    listNotes(operations, stacks),
  ];
  const document = { lead: formatTitle(operations, options.head), sections, pointer: POINTER };
  // Each value is redacted where it is read. This protects from a key that reaches the Markdown in another way.
  return withoutKeys(fitSections(document, options.budget ?? COMMENT_BUDGET));
}
