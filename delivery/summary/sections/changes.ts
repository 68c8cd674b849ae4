/** Sections with changes that a reviewer decides about. */
import { escapeText, formatMessage, inlineCode } from "../../markdown/escape.ts";
import type { Section } from "../../markdown/fit-sections.ts";
import { joinNames } from "../../markdown/phrases.ts";
import { isKnown, type StepChanges } from "../changes.ts";
import { formatField, formatFormer } from "../fields.ts";
import { formatItems, type Item, sortItems } from "../items.ts";
import type { Loss } from "../losses.ts";
import { isInCluster, nameStep } from "../names.ts";
import type { Operation, Step } from "../operation.ts";
import { findRestarts } from "../restarts.ts";

/** A step with its operation, the fields that it changes, and its losses. */
export interface Change {
  readonly operation: Operation;
  readonly step: Step;
  readonly fields: StepChanges;
  readonly losses: readonly Loss[];
}

export function listLosses(changes: readonly Change[], stacks: readonly string[]): Section {
  const items = changes.flatMap(({ operation, losses }) =>
    losses.map(
      ({ what, why }): Item => ({
        stack: operation.stack,
        markdown: `**${formatMessage(what)}.** ${why}`,
      }),
    ),
  );
  return { title: "Cannot be undone", blocks: formatItems(sortItems(items), stacks), separator: "\n" };
}

export function listRestarts(changes: readonly Change[], stacks: readonly string[]): Section {
  const items = changes.flatMap(({ operation, step, fields }) =>
    findRestarts(step, fields).map((text): Item => ({ stack: operation.stack, markdown: text })),
  );
  return { title: "Restarts", blocks: formatItems(sortItems(items), stacks), separator: "\n" };
}

/** Replaced and deleted objects of the cluster, except those that {@link listLosses} has. */
export function listDeletions(changes: readonly Change[], stacks: readonly string[]): Section {
  const items = changes.flatMap(({ operation, step, fields, losses }): Item[] => {
    const isLost = step.op === "delete" || (step.op === "replace" && isKnown(step, fields));
    if (!isLost || !isInCluster(step) || losses.length > 0) return [];
    const kept = step.isRetained ? ", and its objects stay in the cluster" : "";
    const what = step.op === "replace" ? `replaced${formatCauses(fields)}` : `deleted${kept}`;
    return [{ stack: operation.stack, markdown: `${escapeText(nameStep(step))}: ${what}` }];
  });
  return { title: "Replaced and deleted", blocks: formatItems(sortItems(items), stacks), separator: "\n" };
}

function formatCauses({ known }: StepChanges): string {
  return known.length === 0 ? "" : `, because of ${joinNames(known.map(({ path }) => inlineCode(path)))}`;
}

/** Values that the preview cannot show. The engine reports them as deleted, and replaces what depends on them. */
export function listUnknownValues(changes: readonly Change[], stacks: readonly string[]): Section {
  const items = changes.flatMap(({ operation, step, fields: { unknown, uncertain } }): Item[] => {
    const paths = [
      ...unknown.map((field) => `${formatFormer(field)} is known only during up`),
      ...uncertain.map((field) => `${formatFormer(field)} is removed, or known only during up`),
    ];
    if (paths.length === 0) return [];
    const replaced = step.op === "replace" ? " The object is replaced if a value differs." : "";
    const list = paths.length === 1 ? ` ${paths[0]}.${replaced}` : `${replaced}\n- ${paths.join("\n- ")}`;
    return [{ stack: operation.stack, markdown: `${escapeText(nameStep(step))}:${list}` }];
  });
  return { title: "Known only during up", blocks: formatItems(sortItems(items), stacks), separator: "\n" };
}

/** Objects that differ from the last deployment, because somebody else changed or deleted them. */
export function listDrift(changes: readonly Change[], stacks: readonly string[]): Section {
  const items = changes.flatMap(({ operation, step, fields }): Item[] => {
    if (step.op !== "refresh") return [];
    const list = fields.known.map((field) => `\n- ${formatField(field)}`).join("");
    const state = step.after === undefined ? ": not found" : list;
    return [{ stack: operation.stack, markdown: `${escapeText(nameStep(step))}${state}` }];
  });
  return {
    title: "Drift since the last deployment",
    blocks: formatItems(sortItems(items), stacks),
    separator: "\n",
  };
}

/** Changed fields. Objects with equal changes are one item, so that many workloads do not fill the screen. */
export function listUpdates(changes: readonly Change[], stacks: readonly string[]): Section {
  const groups = new Map<string, { stack: string; names: string[]; fields: string }>();
  for (const { operation, step, fields } of changes) {
    if (step.op !== "update") continue;
    const list = fields.known.map((field) => `- ${formatField(field)}`).join("\n");
    if (list === "") continue;
    const key = `${operation.stack} ${list}`;
    const group = groups.get(key) ?? { stack: operation.stack, names: [], fields: list };
    group.names.push(nameStep(step));
    groups.set(key, group);
  }
  const items = [...groups.values()].map(
    ({ stack, names, fields }): Item => ({
      stack,
      markdown: `${formatNames(names)}\n${fields}`,
    }),
  );
  return { title: "Changed fields", blocks: formatItems(sortItems(items), stacks), separator: "\n" };
}

/** Names of a group, at most this many. */
const MAX_NAMES = 5;

function formatNames(names: readonly string[]): string {
  const sorted = names.toSorted();
  const rest = sorted.length - MAX_NAMES;
  const shown = sorted.slice(0, MAX_NAMES).map(escapeText).join(", ");
  return rest <= 0 ? shown : `${shown} and ${rest} more`;
}
