/** The sections of the Markdown, most important first. */
import { code } from "../../markdown/blocks.ts";
import { escapeText, formatMessage, inlineCode } from "../../markdown/escape.ts";
import type { Section } from "../../markdown/fit-sections.ts";
import { count, joinNames } from "../../markdown/phrases.ts";
import type { Restart } from "../../objects/object-changes.ts";
import {
  listKnownViolations,
  listNewViolations,
  type Report,
  type ReportedField,
  type Violation,
} from "../report.ts";
import { formatField } from "./format-field.ts";
import { groupFields } from "./group-fields.ts";
import { type Merged, mergeStacks, nameStacks } from "./merge-stacks.ts";
import { describePods, firstCauses, groupNames, nameObjects, shortenPath } from "./phrases.ts";
import type { View } from "./view.ts";

/** Formats all sections. A section without content is left out of the document. */
export function formatSections(reports: readonly Report[], { titles, foldsAdded }: View): Section[] {
  const names = (title: string, read: (report: Report) => readonly string[]) => {
    const groups = mergeStacks(reports, (report) => groupNames(read(report)));
    const blocks = groups.map((merged) => `- ${inlineCode(merged[0].item)}${nameStacks(merged, reports)}`);
    return list(title, blocks, mergeStacks(reports, read).length);
  };
  const changed = mergeStacks(
    reports,
    (report) => report.changed,
    ({ object }) => object,
  );
  return [
    list("Violations", formatViolations(reports, listNewViolations)),
    list(titles.irreversible, formatIrreversible(reports)),
    list(titles.restarts, formatRestarts(reports)),
    list("Takes effect at a later restart", formatDeferred(reports)),
    names(titles.removed, ({ removed }) => removed),
    names("No longer managed, kept in the cluster", ({ kept }) => kept),
    list("Changed outside of Pulumi", formatChangedBy(reports)),
    { ...names(titles.added, ({ added }) => added), folded: foldsAdded },
    { ...list(titles.changed, formatChanged(reports), changed.length), folded: true, separator: "\n\n" },
    {
      ...list(
        `Violations that ${reports[0]?.against} has too`,
        formatViolations(reports, listKnownViolations),
      ),
      folded: true,
    },
  ];
}

/** A section whose title has a number. */
function list(title: string, blocks: readonly string[], number = blocks.length): Section {
  return { title: `${title} (${number})`, blocks, separator: "\n" };
}

function formatViolations(
  reports: readonly Report[],
  read: (report: Report) => readonly Violation[],
): string[] {
  return mergeStacks(reports, read).map((merged) => {
    const { object, level, message } = merged[0].item;
    return `- ${inlineCode(object)} (${level})${nameStacks(merged, reports)}: ${formatMessage(message)}`;
  });
}

function formatIrreversible(reports: readonly Report[]): string[] {
  return mergeStacks(reports, ({ irreversible }) => irreversible).map((merged) => {
    const { object, what, why } = merged[0].item;
    const sentence = `**${escapeText(object)}** ${escapeText(what)}`;
    return `- ${sentence}${nameStacks(merged, reports)}. ${formatMessage(why)}`;
  });
}

/** A workload is one line. Its pods and causes may differ between stacks. */
function formatRestarts(reports: readonly Report[]): string[] {
  return mergeStacks(
    reports,
    ({ restarts }) => restarts,
    ({ workload, kind }) => [workload, kind],
  ).map((merged) => {
    const { workload, kind } = merged[0].item;
    const pods = compareStacks(merged, (restart) => escapeText(describePods(restart)));
    const causes = compareStacks(merged, ({ because }) => formatCauses(because.map(shortenPath)));
    const stacks = reports.length < 2 ? "" : `, ${joinNames(merged.map(({ stack }) => escapeText(stack)))}`;
    return `- ${inlineCode(workload)} (${kind}${stacks}): ${pods}. Because of ${causes}.`;
  });
}

/** Formats a part of a restart once, or for each stack if it differs: `1 pod in dev; 3 pods in prod`. */
function compareStacks(merged: Merged<Restart>, format: (restart: Restart) => string): string {
  const groups = Map.groupBy(merged, ({ item }) => format(item));
  if (groups.size === 1) return format(merged[0].item);
  return [...groups]
    .map(([text, variants]) => `${text} in ${joinNames(variants.map(({ stack }) => escapeText(stack)))}`)
    .join("; ");
}

function formatDeferred(reports: readonly Report[]): string[] {
  return mergeStacks(reports, ({ deferred }) => deferred).map((merged) => {
    const { object, effect, because } = merged[0].item;
    const stacks = nameStacks(merged, reports);
    return `- ${inlineCode(object)}${stacks}: ${escapeText(effect)} Because of ${formatCauses(because)}.`;
  });
}

function formatCauses(because: readonly string[]): string {
  const { paths, more } = firstCauses(because);
  const names = [...paths.map(inlineCode), ...(more > 0 ? [`${count(more, "field")} more`] : [])];
  return joinNames(names);
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
      const { fields, objects } = merged[0].item;
      const title = `${count(objects.length, "object")}: ${escapeText(nameObjects(objects))}`;
      return `${title}${nameStacks(merged, reports)}\n\n${formatDiff(fields)}`;
    }),
    ...single.map((merged) => {
      const { object, fields } = merged[0].item;
      return `${inlineCode(object)}${nameStacks(merged, reports)}\n\n${formatDiff(fields)}`;
    }),
  ];
}

/** GitHub colors lines of a diff that begin with `+`, `-` or `!`. */
function formatDiff(fields: readonly ReportedField[]): string {
  return code(
    fields.flatMap((field) => formatField(field, { changed: "!", maxLines: 40 })).join("\n"),
    "diff",
  );
}
