/** The first lines of a summary: the operation, its stacks, the commit, and the number of changes. */
import { escapeText, inlineCode } from "../markdown/escape.ts";
import { joinNames } from "../markdown/phrases.ts";
import type { Operation, StepOp } from "./operation.ts";

const COUNTED: readonly (readonly [op: StepOp, preview: string, update: string])[] = [
  ["create", "to create", "created"],
  ["import", "to import", "imported"],
  ["update", "to update", "updated"],
  ["replace", "to replace", "replaced"],
  ["delete", "to delete", "deleted"],
  ["refresh", "with drift", "with drift"],
];

/** Formats the title, and a line for each stack. Without any change in complete operations, all of it is one line. */
export function formatTitle(operations: readonly Operation[], head: string | undefined): string {
  const stacks = joinNames([...new Set(operations.map(({ stack }) => stack))].map(formatStack));
  const kinds = [...new Set(operations.map(nameKind))].join(" and ");
  const title = `${kinds} of ${stacks}${head === undefined ? "" : ` at ${inlineCode(head)}`}`;
  if (
    operations.every(
      (operation) => operation.succeeded && operation.isComplete && operation.steps.length === 0,
    )
  ) {
    return `${title}: no changes.`;
  }
  if (operations.length === 1) return `${title}: ${operations.map(countSteps).join()}.`;
  return [
    `${title}:`,
    "",
    ...operations.map((operation) => `- ${formatStack(operation.stack)}: ${countSteps(operation)}`),
  ].join("\n");
}

const formatStack = (stack: string) => `**${escapeText(stack)}**`;

function nameKind({ isPreview, isDestroy }: Operation): string {
  if (isDestroy) return isPreview ? "Preview of the removal" : "Removal";
  return isPreview ? "Preview" : "Update";
}

function countSteps({ steps, isPreview, isComplete, succeeded, unchanged }: Operation): string {
  const counts = COUNTED.flatMap(([op, preview, update]) => {
    const count = steps.filter((step) => step.op === op).length;
    return count === 0 ? [] : [`${count} ${isPreview ? preview : update}`];
  });
  const changes = counts.length === 0 ? "no changes" : counts.join(", ");
  if (!isComplete) return "**interrupted**";
  if (!succeeded) return "**failed**";
  return unchanged === 0 ? changes : `${changes}, ${unchanged} unchanged`;
}
