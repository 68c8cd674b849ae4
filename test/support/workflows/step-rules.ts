/** Rules for jobs that succeed without doing their work, or that do it with wrong values. */
import { isAction } from "./credentials.ts";
import { expression, type Job, listJobs, type Rule, type Step } from "./read-workflows.ts";

/** A step may fail only if a later one reports that its result is missing. */
export const findIgnoredFailures: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, job }) => {
    const steps = (job.steps ?? []).flatMap((step, index) =>
      step["continue-on-error"] === undefined || isAction(step, "actions/download-artifact")
        ? []
        : [`${at}: step ${index + 1}: its failure must count`],
    );
    return job["continue-on-error"] === undefined ? steps : [`${at}: its failure must count`, ...steps];
  });

const CONDITIONS = [
  /^always\(\)$/,
  /^(always\(\) && )?inputs\.command (==|!=) '(preview|up|drift)'$/,
  /^steps\.up\.outcome == 'success' && !cancelled\(\)$/,
  /^vars\.[A-Z_]+ != ''$/,
  /^github\.ref == 'refs\/heads\/main'$/,
];

/** GitHub counts a skipped step, and a skipped required check, as a success. */
export const findUnknownConditions: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, name, job }) => {
    const steps = (job.steps ?? []).flatMap(({ if: condition }, index) =>
      condition === undefined || CONDITIONS.some((known) => known.test(condition))
        ? []
        : [`${at}: step ${index + 1}: a condition that no rule knows: ${condition}`],
    );
    const isRequired = ["checks", "changes"].includes(name);
    return isRequired && job.if !== undefined ? [`${at}: must not have a condition`, ...steps] : steps;
  });

const script = (file: string) => `node delivery/github/${file}`;
/** What runs for each command of pulumi.yaml, in this order. */
const RUNS: Readonly<Record<string, readonly string[]>> = {
  preview: [script("requirements.ts"), "npm ci", script('run-pulumi.ts preview "$STACK"')],
  up: [
    script("requirements.ts"),
    "npm ci",
    script('kubeconfig.ts "$STACK"'),
    script('run-pulumi.ts up "$STACK"'),
    script('run-pulumi.ts verify "$STACK"'),
    script('linkerd-check.ts "$STACK"'),
    'rm -f "$RUNNER_TEMP/kubeconfig"',
  ],
  drift: [
    script("requirements.ts"),
    "npm ci",
    script('kubeconfig.ts "$STACK"'),
    script('drift.ts "$STACK"'),
    'rm -f "$RUNNER_TEMP/kubeconfig"',
  ],
};

export const findWrongSteps: Rule = ({ parsed }) => {
  const job = parsed["pulumi.yaml"]?.jobs.pulumi;
  if (!job) return ["pulumi.yaml: must have the job pulumi"];
  const issues = Object.entries(RUNS).flatMap(([command, expected]) => {
    const runs = (job.steps ?? []).filter((step) => runsFor(step, command)).flatMap(({ run }) => run ?? []);
    return runs.join() === expected.join()
      ? []
      : [`pulumi.yaml: ${command} must run ${expected.join(", ")}, got ${runs.join(", ")}`];
  });
  const runner = expression("inputs.command != 'preview' && vars.CLUSTER_RUNNER || 'ubuntu-latest'");
  if (job["runs-on"] !== runner)
    issues.push("pulumi.yaml: pulumi: must run on ubuntu-latest for previews, which run any code");
  // 0 is all commits, and false in a condition: `== 'up' && 0 || 1` is always 1.
  const depth = job.steps?.find((step) => isAction(step, "actions/checkout"))?.with?.["fetch-depth"];
  if (depth !== expression("inputs.command != 'up' && 1 || 0"))
    issues.push("pulumi.yaml: up must check out all commits");
  const install = job.steps?.findIndex(({ run }) => run === "npm ci") ?? -1;
  const login = job.steps?.findIndex(({ if: condition }) => condition?.startsWith("vars.")) ?? -1;
  if (login < install) issues.push("pulumi.yaml: pulumi: npm ci must be before the logins");
  return issues;
};

function runsFor({ if: condition = "" }: Step, command: string): boolean {
  const [, operator, value] = /inputs\.command (==|!=) '(\w+)'/.exec(condition) ?? [];
  if (operator !== undefined) return (operator === "==") === (value === command);
  return condition.startsWith("steps.up.") ? command === "up" : true;
}

/** The first step reads which secrets are set, not the secrets. */
export const findReadSecrets: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, job }) =>
    (job.steps ?? [])
      .flatMap(({ env }) => Object.entries(env ?? {}))
      .filter(([name, value]) => name.startsWith("HAS_") && !/^\$\{\{ secrets\.\w+ != '' \}\}$/.test(value))
      .map(([name]) => `${at}: ${name} must only state whether the secret is set`),
  );

const pullRequest = (field: string) => expression(`github.event.pull_request.${field}`);

/** What the jobs that report are about, and what they compare. */
export const findWrongReports: Rule = (workflows) => {
  const { parsed, stacks } = workflows;
  const expected: [string, Job | undefined, Record<string, string>][] = [
    [
      "changes.yaml: comment",
      parsed["changes.yaml"]?.jobs.comment,
      {
        PULL_REQUEST: pullRequest("number"),
        HEAD_SHA: pullRequest("head.sha"),
        JOB_RESULT: expression("needs.changes.result"),
      },
    ],
    [
      "drift.yaml: issue",
      parsed["drift.yaml"]?.jobs.issue,
      { STACKS: stacks.join(" "), JOB_RESULT: expression("needs.check.result") },
    ],
  ];
  const issues = expected.flatMap(([at, job, values]) =>
    Object.entries(values)
      .filter(([name, value]) => !job?.steps?.some(({ env }) => env?.[name] === value))
      .map(([name, value]) => `${at}: ${name} must be ${value}`),
  );
  const comparison = script(`changes.ts HEAD^1 ${stacks.join(" ")}`);
  if (!parsed["changes.yaml"]?.jobs.changes?.steps?.some(({ run }) => run === comparison))
    issues.push(`changes.yaml: changes: must run ${comparison}`);
  const on = parsed["changes.yaml"]?.on as { pull_request?: { types?: string[] } } | undefined;
  for (const type of ["opened", "synchronize", "reopened", "edited"])
    if (!on?.pull_request?.types?.includes(type)) issues.push(`changes.yaml: must start for ${type}`);
  return [...issues, ...findLostResults(workflows)];
};

/** The result of a failed job is in its artifact too, and that of another attempt is not. */
const findLostResults: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, job }) =>
    (job.steps ?? []).flatMap((step, index) => {
      if (!isAction(step, "actions/upload-artifact")) return [];
      const isKept = step.if?.startsWith("always()") && step.with?.overwrite === true;
      return isKept ? [] : [`${at}: step ${index + 1}: must upload each result, also after a failure`];
    }),
  );

export const STEP_RULES: readonly Rule[] = [
  findIgnoredFailures,
  findUnknownConditions,
  findWrongSteps,
  findReadSecrets,
  findWrongReports,
];
