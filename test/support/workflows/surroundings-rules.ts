/** Rules for what surrounds the commands of a job: its machine, its shell, its checkout, its variables. */
import { isAction } from "./credentials.ts";
import { expression, listJobs, type Rule } from "./read-workflows.ts";

/** All other keys change what a command does or where it runs, such as `container`, `defaults` and `shell`. */
const KEYS = {
  workflow: ["name", "on", "permissions", "concurrency", "jobs"],
  job: [
    ...["name", "if", "needs", "permissions", "environment", "concurrency", "timeout-minutes", "strategy"],
    ...["continue-on-error", "runs-on", "env", "steps", "uses", "with", "secrets"],
  ],
  step: ["name", "id", "if", "uses", "run", "with", "env", "continue-on-error"],
} as const;

export const findUnknownKeys: Rule = (workflows) => {
  const check = (at: string, kind: keyof typeof KEYS, part: object) =>
    Object.keys(part)
      .filter((key) => !(KEYS[kind] as readonly string[]).includes(key))
      .map((key) => `${at}: ${key} is not a key that the rules know`);
  return [
    ...Object.entries(workflows.parsed).flatMap(([file, workflow]) => check(file, "workflow", workflow)),
    ...listJobs(workflows).flatMap(({ at, job }) => [
      ...check(at, "job", job),
      ...(job.steps ?? []).flatMap((step, index) => check(`${at}: step ${index + 1}`, "step", step)),
    ]),
  ];
};

/** GitHub's runners are new for each job. What code of a pull request leaves on another one reaches later jobs. */
export const findOwnRunners: Rule = (workflows) =>
  listJobs(workflows)
    .filter(({ file, job }) => job.steps && file !== "pulumi.yaml" && job["runs-on"] !== "ubuntu-latest")
    .map(({ at }) => `${at}: must run on ubuntu-latest`);

/** Other commits than that of the event. Only the job that comments has one: the base. */
export const findOtherCommits: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, job }) =>
    (job.steps ?? [])
      .filter((step) => isAction(step, "actions/checkout"))
      .flatMap(({ with: inputs }) => [
        ...(inputs?.repository === undefined ? [] : [`${at}: must check out this repository`]),
        ...(inputs?.ref === undefined || at === "changes.yaml: comment"
          ? []
          : [`${at}: must check out the commit of the event`]),
        // With depth 1, the merge commit has no parent.
        ...(at !== "changes.yaml: changes" || inputs?.["fetch-depth"] === 2
          ? []
          : [`${at}: must check out the base commit too`]),
      ]),
  );

/** What the author of a pull request writes, such as its title or branch, is not a variable of any command. */
const EVENT_FIELDS = /^github\.(event\.pull_request\.(number|head\.sha)|event_name)$/;

export const findForeignVariables: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, job }) =>
    [job.env ?? {}, ...(job.steps ?? []).map(({ env }) => env ?? {})]
      .flatMap((env) => Object.entries(env))
      .filter(([, value]) =>
        [...String(value).matchAll(/github\.(?:event|head_ref|base_ref|ref_name)[\w.]*/g)].some(
          ([field]) => !EVENT_FIELDS.test(field),
        ),
      )
      .map(([name]) => `${at}: ${name} has a value that the author of a pull request writes`),
  );

/** The token of a job reaches only the command that writes to GitHub. */
export const findWideTokens: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, job }) =>
    (job.steps ?? [])
      .filter((step) => /github\.token|secrets\.GITHUB_TOKEN/.test(JSON.stringify([step.env, step.with])))
      .filter(({ run }) => !/^node delivery\/github\/(comment|drift-issue)\.ts$/.test(run ?? ""))
      .map(({ run, uses }) => `${at}: ${run ?? uses} must not get the token`),
  );

/** The file that a job writes is the one that it uploads, and that the next job downloads and reads. */
export const findLostFindings: Rule = ({ parsed }) => {
  const { changes, comment } = parsed["changes.yaml"]?.jobs ?? {};
  const temporary = expression("runner.temp");
  const has = (job: typeof changes, action: string, path: string) =>
    job?.steps?.some((step) => {
      const isDone = action === "env" ? step.env?.FINDING === path : step.with?.path === path;
      return isDone && (action === "env" || (isAction(step, action) && step.with?.name === "changes"));
    });
  const isPassed =
    has(changes, "env", `${temporary}/changes.json`) &&
    has(changes, "actions/upload-artifact", `${temporary}/changes.json`) &&
    has(comment, "actions/download-artifact", `${temporary}/changes`) &&
    has(comment, "env", `${temporary}/changes/changes.json`);
  return isPassed ? [] : ["changes.yaml: comment must read what changes writes"];
};

export const findMissingChecks: Rule = ({ parsed }) => {
  const issues: string[] = [];
  if (!parsed["checks.yaml"]?.jobs.checks?.steps?.some(({ run }) => run === ".ci/run"))
    issues.push("checks.yaml: checks: must run .ci/run");
  const on = parsed["drift.yaml"]?.on as { schedule?: { cron: string }[] } | undefined;
  if (!on?.schedule?.some(({ cron }) => /^\d+ \d+ \* \* \*$/.test(cron)))
    issues.push("drift.yaml: must start every day");
  return issues;
};

export const SURROUNDINGS_RULES: readonly Rule[] = [
  findUnknownKeys,
  findOwnRunners,
  findOtherCommits,
  findForeignVariables,
  findWideTokens,
  findLostFindings,
  findMissingChecks,
];
