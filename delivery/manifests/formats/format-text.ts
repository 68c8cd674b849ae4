/** The report as text, for a terminal and for the log of a job. */
import { count } from "../../markdown/phrases.ts";
import {
  isUnchanged,
  listKnownViolations,
  listNewViolations,
  type Report,
  type ReportedField,
  type Violation,
} from "../report.ts";
import { formatField } from "./format-field.ts";
import { groupFields } from "./group-fields.ts";
import { describePods, firstCauses, groupNames, nameObjects, shortenCommit, shortenPath } from "./phrases.ts";
import { CHANGE, type View } from "./view.ts";

/** Formats reports one after the other. A stack without changes is one line. */
export function formatText(reports: readonly Report[], view: View = CHANGE): string {
  return `${reports.map((report) => formatReport(report, view).join("\n")).join("\n\n")}\n`;
}

function formatReport(report: Report, { note, titles }: View): string[] {
  const { stack, against, commit } = report;
  const title = `${stack}${commit === undefined ? "" : ` at ${shortenCommit(commit)}`}, compared with ${against}`;
  if (isUnchanged(report)) return [`${title}: no changes.`];
  return [
    `${title}:`,
    ...(note === undefined ? [] : [note]),
    ...violations("Violations", listNewViolations(report)),
    ...section(
      titles.irreversible,
      report.irreversible.map(({ object, what, why }) => [`${object} ${what}.`, why]),
    ),
    ...section(
      titles.restarts,
      report.restarts.map((restart) => [
        `${restart.workload} (${restart.kind}, ${describePods(restart)})`,
        ...formatCauses(restart.because.map(shortenPath)),
      ]),
    ),
    ...section(
      "Takes effect at a later restart",
      report.deferred.map(({ object, effect, because }) => [object, effect, ...formatCauses(because)]),
    ),
    ...names(titles.removed, report.removed),
    ...names("No longer managed, kept in the cluster", report.kept),
    ...names(titles.added, report.added),
    ...section("Changed outside of Pulumi", listChangedBy(report)),
    ...section(titles.changed, formatChanged(report), report.changed.length),
    ...violations(`Violations that ${against} has too`, listKnownViolations(report)),
  ];
}

function listChangedBy({ changed }: Report): string[][] {
  return changed.flatMap(({ object, changedBy = [] }) =>
    changedBy.length === 0 ? [] : [[object, ...changedBy.map((who) => `by ${who}`)]],
  );
}

/** A title with a number, and items whose further lines are indented. */
function section(title: string, items: readonly (readonly string[])[], number = items.length): string[] {
  if (items.length === 0) return [];
  const lines = items.flatMap(([first = "", ...rest]) => [
    `  ${first}`,
    ...rest.map((line) => `    ${line}`),
  ]);
  return ["", `${title} (${number})`, ...lines];
}

function violations(title: string, list: readonly Violation[]): string[] {
  return section(
    title,
    list.map(({ object, message, level }) => [`${object} (${level})`, message]),
  );
}

function names(title: string, objects: readonly string[]): string[] {
  return section(
    title,
    groupNames(objects).map((group) => [group]),
    objects.length,
  );
}

function formatCauses(because: readonly string[]): string[] {
  const { paths, more } = firstCauses(because);
  return [...paths, ...(more > 0 ? [`and ${count(more, "field")} more`] : [])];
}

function formatChanged({ changed }: Report): string[][] {
  const { shared, single } = groupFields(changed);
  return [
    ...shared.map(({ fields, objects }) => [
      `${count(objects.length, "object")}: ${nameObjects(objects)}`,
      ...formatFields(fields),
    ]),
    ...single.map(({ object, fields }) => [object, ...formatFields(fields)]),
  ];
}

function formatFields(fields: readonly ReportedField[]): string[] {
  return fields.flatMap((field) => formatField(field, { changed: "~", maxLines: 200 }));
}
