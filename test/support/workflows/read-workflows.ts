/** The workflows of this project, parsed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

export interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly "continue-on-error"?: boolean;
}

export interface Concurrency {
  readonly group: string;
  readonly "cancel-in-progress"?: boolean | string;
}

export interface Job {
  readonly if?: string;
  readonly needs?: string | readonly string[];
  readonly permissions?: string | Readonly<Record<string, string>>;
  readonly environment?: string | { readonly name: string; readonly deployment?: boolean };
  readonly concurrency?: Concurrency;
  readonly "continue-on-error"?: boolean;
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number | string;
  readonly strategy?: {
    readonly "fail-fast"?: boolean;
    readonly matrix?: Readonly<Record<string, readonly string[]>>;
  };
  readonly env?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly secrets?: "inherit" | Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly on: string | readonly string[] | Readonly<Record<string, unknown>>;
  readonly permissions?: unknown;
  readonly concurrency?: Concurrency;
  readonly env?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** Texts of workflows by file name. */
export type Sources = Readonly<Record<string, string>>;

export interface Workflows {
  readonly sources: Sources;
  /** The stacks of the project, by their files. */
  readonly stacks: readonly string[];
  readonly parsed: Readonly<Record<string, Workflow>>;
}

/** Returns one sentence for each violation. */
export type Rule = (workflows: Workflows) => string[];

/** An expression of GitHub Actions. */
export function expression(text: string): string {
  return `$\{{ ${text} }}`;
}

const ROOT = join(import.meta.dirname, "../../..");
const DIRECTORY = join(ROOT, ".github/workflows");
const STACKS = readdirSync(ROOT)
  .flatMap((file) => /^Pulumi\.(\w+)\.yaml$/.exec(file)?.[1] ?? [])
  .sort();

export function readSources(): Sources {
  const files = readdirSync(DIRECTORY).filter((file) => /\.ya?ml$/.test(file));
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(DIRECTORY, file), "utf8")]));
}

/** Parsed texts, because the tests change one file of many at a time. */
const parsedTexts = new Map<string, Workflow>();

export function parseWorkflows(sources: Sources): Workflows {
  const entries = Object.entries(sources).map(([file, text]) => {
    const workflow = parsedTexts.get(text) ?? (parse(text) as Workflow);
    parsedTexts.set(text, workflow);
    return [file, workflow] as const;
  });
  return { sources, stacks: STACKS, parsed: Object.fromEntries(entries) };
}

export function listTriggers({ on }: Workflow): string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on : Object.keys(on);
}

export function listNeeds({ needs = [] }: Job): string[] {
  return typeof needs === "string" ? [needs] : [...needs];
}

/** All jobs with their place, such as `up.yaml: dev`. */
export function listJobs({ parsed }: Workflows): { at: string; file: string; name: string; job: Job }[] {
  return Object.entries(parsed).flatMap(([file, { jobs }]) =>
    Object.entries(jobs).map(([name, job]) => ({ at: `${file}: ${name}`, file, name, job })),
  );
}

/** The condition is true on main only, whatever else it contains but `||`, which has the lowest precedence. */
export function isLimitedToMain(condition: string | undefined): boolean {
  if (condition === undefined || condition.includes("||")) return false;
  return /(^|&& )github\.ref == 'refs\/heads\/main'$/.test(condition.trim());
}
