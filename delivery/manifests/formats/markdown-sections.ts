/** The sections of the Markdown, most important first. */
import { code } from "../../markdown/blocks.ts";
import { escapeText, inlineCode } from "../../markdown/escape.ts";
import type { Section } from "../../markdown/fit-sections.ts";
import type { Report, ReportedField } from "../report.ts";
import { formatField } from "./format-field.ts";
import { groupFields } from "./group-fields.ts";
import { type Merged, mergeStacks, nameStacks, type Variant } from "./merge-stacks.ts";
import { count, describePods, firstCauses, joinNames, nameObjects } from "./phrases.ts";

/** Formats all sections. A section without content is left out of the document. */
export function formatSections(reports: readonly Report[]): Section[] {
  const names = (read: (report: Report) => readonly string[]) =>
    mergeStacks(reports, read).map(
      (merged) => `- ${inlineCode(merged[0].item)}${nameStacks(merged, reports)}`,
    );
  return [
    list("Violations", formatViolations(reports)),
    list("Cannot be undone", formatIrreversible(reports)),
    list("Restarts", formatRestarts(reports)),
    list("Takes effect at a later restart", formatDeferred(reports)),
    list(
      "Removed",
      names(({ removed }) => removed),
    ),
    list(
      "No longer managed, kept in the cluster",
      names(({ kept }) => kept),
    ),
    list("Changed outside of Pulumi", formatChangedBy(reports)),
    {
      ...list(
        "Added",
        names(({ added }) => added),
      ),
      folded: true,
    },
    { ...list("Changed", formatChanged(reports)), folded: true, separator: "\n\n" },
  ];
}

function list(title: string, blocks: readonly string[]): Section {
  return { title: `${title} (${blocks.length})`, blocks, separator: "\n" };
}

function formatViolations(reports: readonly Report[]): string[] {
  return mergeStacks(reports, ({ violations }) => violations).map((merged) => {
    const { object, level, message } = merged[0].item;
    return `- ${inlineCode(object)} (${level})${nameStacks(merged, reports)}: ${escapeText(message)}`;
  });
}

function formatIrreversible(reports: readonly Report[]): string[] {
  return mergeStacks(reports, ({ irreversible }) => irreversible).map((merged) => {
    const { object, what, why } = merged[0].item;
    const sentence = `**${escapeText(object)}** ${escapeText(what)}`;
    return `- ${sentence}${nameStacks(merged, reports)}. ${escapeText(why)}`;
  });
}

/** The number of pods may differ between stacks. */
function formatRestarts(reports: readonly Report[]): string[] {
  return mergeStacks(
    reports,
    ({ restarts }) => restarts,
    ({ workload, kind, because }) => [workload, kind, because],
  ).map((merged) => {
    const { workload, kind, because } = merged[0].item;
    return `- ${inlineCode(workload)} (${kind}): ${formatPods(merged, reports)}. ${formatCauses(because)}`;
  });
}

function formatPods(merged: Merged<Report["restarts"][number]>, reports: readonly Report[]): string {
  if (reports.length < 2) return escapeText(describePods(merged[0].item));
  const groups = Object.entries(Object.groupBy(merged, ({ item }) => describePods(item)));
  return groups
    .map(([pods, variants = []]) => `${escapeText(pods)} in ${joinNames(variants.map(formatStack))}`)
    .join("; ");
}

const formatStack = ({ stack }: Variant<unknown>) => escapeText(stack);

function formatDeferred(reports: readonly Report[]): string[] {
  return mergeStacks(reports, ({ deferred }) => deferred).map((merged) => {
    const { object, effect, because } = merged[0].item;
    const stacks = nameStacks(merged, reports);
    return `- ${inlineCode(object)}${stacks}: ${escapeText(effect)} ${formatCauses(because)}`;
  });
}

function formatCauses(because: readonly string[]): string {
  const { paths, more } = firstCauses(because);
  const names = [...paths.map(inlineCode), ...(more > 0 ? [`${count(more, "field")} more`] : [])];
  return `Because of ${joinNames(names)}.`;
}

function formatChangedBy(reports: readonly Report[]): string[] {
  return mergeStacks(reports, ({ changed }) =>
    changed.filter(({ changedBy = [] }) => changedBy.length > 0),
  ).map((merged) => {
    const { object, changedBy = [] } = merged[0].item;
    return `- ${inlineCode(object)}${nameStacks(merged, reports)}: ${joinNames(changedBy.map(escapeText))}`;
  });
}

/** Changes that many objects share first, then the objects. */
function formatChanged(reports: readonly Report[]): string[] {
  const shared = mergeStacks(reports, ({ changed }) => groupFields(changed).shared);
  const single = mergeStacks(reports, ({ changed }) => groupFields(changed).single);
  return [
    ...shared.map((merged) => {
      const { field, objects } = merged[0].item;
      const title = `${count(objects.length, "object")}: ${escapeText(nameObjects(objects))}`;
      return `${title}${nameStacks(merged, reports)}\n\n${formatDiff([field])}`;
    }),
    ...single.map((merged) => {
      const { object, fields } = merged[0].item;
      return `${inlineCode(object)}${nameStacks(merged, reports)}\n\n${formatDiff(fields)}`;
    }),
  ];
}

/** GitHub colors lines of a diff that begin with `+`, `-` or `!`. */
function formatDiff(fields: readonly ReportedField[]): string {
  return code(fields.flatMap((field) => formatField(field, "!")).join("\n"), "diff");
}
