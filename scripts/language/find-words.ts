/** Finds words that this project does not use. */
import { findProse } from "./prose.ts";
import { EXCEPTIONS, NAMES, WORDS } from "./vocabulary.ts";

/** A word to replace. */
export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly found: string;
  readonly use: string;
}

/** Returns the findings in a file in the order of their lines. */
export function findWords(path: string, content: string): Finding[] {
  const exception = EXCEPTIONS.find((each) => each.path === path);
  const findings = [
    ...(exception?.words ? [] : findInProse(path, content)),
    // Tests give former names to see them rejected.
    ...(exception?.names || path.startsWith("test/") ? [] : findNames(path, content)),
  ];
  const places = findings.map(({ line, found }) => `${line} ${found.toLowerCase()}`);
  return findings
    .filter((_, index) => places.indexOf(places[index] ?? "") === index)
    .sort((a, b) => a.line - b.line);
}

/** `<path>:<line>: "<found>". Use: <words>` */
export function formatFinding({ path, line, found, use }: Finding): string {
  return `${path}:${line}: "${found}". Use: ${use}`;
}

function findInProse(path: string, content: string): Finding[] {
  return findProse(path, content).flatMap(({ text, offsets }) =>
    WORDS.flatMap(([avoid, use]) =>
      [...text.matchAll(completeWords(avoid))].map(({ index, 0: found }) => ({
        path,
        line: lineOf(content, offsets[index] ?? 0),
        found,
        use,
      })),
    ),
  );
}

function findNames(path: string, content: string): Finding[] {
  return NAMES.flatMap(([old, use]) =>
    [...content.matchAll(new RegExp(`(?<!\\w)(?:${old.source})(?!\\w)`, `g${old.flags}`))]
      .filter(
        ({ index, 0: found }) => !isRenamed(content.slice(0, index), content.slice(index + found.length)),
      )
      .map(({ index, 0: found }) => ({ path, line: lineOf(content, index), found, use })),
  );
}

/** Whether the name between these texts is an old name beside its new one: `old: "new"`, or `renamedFrom: "old"`. */
function isRenamed(before: string, after: string): boolean {
  return /^: ['"]/.test(after) || before.endsWith('renamedFrom: "');
}

/** The pattern between boundaries of words. A template's `.Values.rolls` and a path's `/made` are not words. */
function completeWords({ source }: RegExp): RegExp {
  return new RegExp(`(?:(?<![\\w.$/-])(?=\\w)|(?=\\W))(?:${source})(?!\\w)`, "gi");
}

function lineOf(content: string, offset: number): number {
  return content.slice(0, offset).split("\n").length;
}
