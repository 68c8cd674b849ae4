/** Rules for workflows that actionlint does not check. */
import { existsSync } from "node:fs";
import { ACTION_INPUTS } from "./action-inputs.ts";
import { CALL_RULES } from "./call-rules.ts";
import { isAction } from "./credentials.ts";
import { FORBIDDEN } from "./job-runs.ts";
import {
  type Concurrency,
  expression,
  listJobs,
  listNeeds,
  listTriggers,
  type Rule,
  type Workflows,
} from "./read-workflows.ts";
import { STEP_RULES } from "./step-rules.ts";
import { SURROUNDINGS_RULES } from "./surroundings-rules.ts";

/** Steps with their place. */
function listSteps(workflows: Workflows) {
  return listJobs(workflows).flatMap(({ at, file, job }) =>
    (job.steps ?? []).map((step, index) => ({ at: `${at}: step ${index + 1}`, file, job, step })),
  );
}

export const findForbiddenTriggers: Rule = ({ parsed }) =>
  Object.entries(parsed).flatMap(([file, workflow]) =>
    listTriggers(workflow)
      .filter((trigger) => FORBIDDEN.includes(trigger))
      .map((trigger) => `${file}: ${trigger} gives secrets to the code of forks`),
  );

export const findUnpinnedActions: Rule = ({ sources }) =>
  Object.entries(sources).flatMap(([file, text]) =>
    [...text.matchAll(/^\s*(?:- )?uses:\s*(.*)$/gm)]
      .map(([, reference = ""]) => reference)
      .filter(
        (reference) =>
          !/^(\.\/\.github\/workflows\/[\w-]+\.yaml|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(reference),
      )
      .map((reference) => `${file}: must be a full SHA with a version, got ${reference}`),
  );

export const findUnknownInputs: Rule = (workflows) =>
  listSteps(workflows).flatMap(({ at, step }) => {
    if (!step.uses) return [];
    const known = ACTION_INPUTS[step.uses];
    if (!known) return [`${at}: ${step.uses} is not in the table of action-inputs.ts`];
    return Object.keys(step.with ?? {})
      .filter((input) => !known.inputs.includes(input))
      .map((input) => `${at}: ${known.version} has no input ${input}`);
  });

/** A version that many tools read is in one file. */
export const findMissingFiles: Rule = (workflows) =>
  listSteps(workflows).flatMap(({ at, step }) =>
    Object.entries(step.with ?? {})
      .filter(([input, file]) => input.endsWith("-version-file") && !existsSync(String(file)))
      .map(([, file]) => `${at}: the file ${file} must exist`),
  );

export const findBroadPermissions: Rule = (workflows) => [
  ...Object.entries(workflows.parsed)
    .filter(([, { permissions }]) => JSON.stringify(permissions) !== "{}")
    .map(([file]) => `${file}: permissions at the top must be {}`),
  ...listJobs(workflows)
    .filter(({ job }) => typeof job.permissions !== "object")
    .map(({ at }) => `${at}: must list its permissions`),
];

export const findStoredTokens: Rule = (workflows) =>
  listSteps(workflows)
    .filter(({ step }) => isAction(step, "actions/checkout") && step.with?.["persist-credentials"] !== false)
    .map(({ at }) => `${at}: must set persist-credentials: false`);

export const findMissingTimeouts: Rule = (workflows) =>
  listJobs(workflows)
    .filter(({ job }) => job.steps && job["timeout-minutes"] === undefined)
    .map(({ at }) => `${at}: must have timeout-minutes`);

export const findFailFast: Rule = (workflows) =>
  listJobs(workflows)
    .filter(({ job }) => job.strategy && job.strategy["fail-fast"] !== false)
    .map(({ at }) => `${at}: must set fail-fast: false`);

/** A cancelled `up` leaves a locked stack and a half-done release. */
export const findCancelledDeployments: Rule = (workflows) => {
  const cancels = (one: Concurrency | undefined) => {
    const value = one?.["cancel-in-progress"];
    return (
      value !== undefined && value !== false && value !== expression("github.event_name == 'pull_request'")
    );
  };
  const isForPullRequests = (file: string) =>
    listTriggers(workflows.parsed[file] ?? { on: [], jobs: {} }).includes("pull_request");
  return [
    ...Object.entries(workflows.parsed)
      .filter(([file, { concurrency }]) => cancels(concurrency) && !isForPullRequests(file))
      .map(([file]) => `${file}: cancels runs that are not of a pull request`),
    ...listJobs(workflows)
      .filter(({ file, job }) => cancels(job.concurrency) && !isForPullRequests(file))
      .map(({ at }) => `${at}: cancels jobs that are not of a pull request`),
  ];
};

/** Checks, then dev, then a preview of prod, then prod. Each stack has one deployment at a time. */
export const findDeploymentOrder: Rule = ({ parsed }) => {
  const jobs = parsed["up.yaml"]?.jobs ?? {};
  const order: Record<string, string[]> = {
    dev: ["checks"],
    "preview-prod": ["dev"],
    prod: ["dev", "preview-prod"],
  };
  const issues = Object.entries(order).flatMap(([name, needs]) =>
    needs
      .filter((one) => !jobs[name] || !listNeeds(jobs[name]).includes(one) || jobs[name].if !== undefined)
      .map((one) => `up.yaml: ${name} must run after ${one} succeeded`),
  );
  for (const [name, { concurrency, with: inputs }] of Object.entries(jobs)) {
    if (inputs?.command !== "up") continue;
    if (concurrency?.group !== `up-${inputs.stack}` || concurrency["cancel-in-progress"] !== false) {
      issues.push(`up.yaml: ${name} must have the concurrency group up-${inputs.stack}, without cancelling`);
    }
  }
  return issues;
};

/** What runs is in files that tests run. Values reach it as variables: an expression would become a part of the script. */
export const findOtherCommands: Rule = (workflows) =>
  listSteps(workflows).flatMap(({ at, step: { run } }) => {
    if (run === undefined) return [];
    if (run.includes("${{")) return [`${at}: an expression in a script can inject commands: ${run}`];
    return COMMANDS.some((command) => command.test(run.trim()))
      ? []
      : [`${at}: must be an npm script, a file of delivery/github or an installation, got ${run.trim()}`];
  });

const COMMANDS = [
  /^npm ci$/,
  /^\.ci\/run$/,
  /^npm run [\w:-]+( --( [\w./^-]+| "\$\w+")+)?$/,
  /^node delivery\/github\/[\w-]+\.ts( [\w./^-]+| "\$\w+")*$/,
  /^rm -f "\$RUNNER_TEMP\/kubeconfig"$/,
];

/** A secret reaches the one step that needs it, and neither `npm ci` nor an action that does not. */
export const findWideSecrets: Rule = (workflows) => [
  ...Object.entries(workflows.parsed)
    .filter(([, { env }]) => JSON.stringify(env ?? {}).includes("secrets"))
    .map(([file]) => `${file}: secrets must be in the env of a step`),
  ...listJobs(workflows)
    .filter(({ job: { env } }) => JSON.stringify(env ?? {}).includes("secrets"))
    .map(({ at }) => `${at}: secrets must be in the env of a step`),
  ...listSteps(workflows)
    .filter(({ step }) => /secrets\b/.test(JSON.stringify([step.with, step.run, step.if])))
    .map(({ at }) => `${at}: secrets must be in env`),
];

/** A preview needs no cluster, and its code may be that of a pull request. */
export const findKubeconfigs: Rule = (workflows) => {
  const users = listSteps(workflows).filter(({ step }) =>
    Object.values(step.env ?? {}).some((value) => /secrets\.KUBECONFIG(?! != '')/.test(value)),
  );
  return users.flatMap(({ at, job, step }) => {
    const issues =
      step.if === "inputs.command != 'preview'" ? [] : [`${at}: a preview must have no kubeconfig`];
    const isRemoved = job.steps?.some(
      ({ run, if: condition }) => run?.startsWith("rm -f") && condition?.includes("always()"),
    );
    return isRemoved ? issues : [...issues, `${at}: the kubeconfig must be removed, also after a failure`];
  });
};

/** The job that reports runs whatever the job before it does. Otherwise an earlier, better report stays. */
export const findSilentFailures: Rule = (workflows) =>
  listJobs(workflows)
    .filter(({ job }) =>
      job.steps?.some(({ run }) => /delivery\/github\/(comment|drift-issue)\.ts/.test(run ?? "")),
    )
    .flatMap(({ at, job }) => {
      const issues = /^always\(\) && /.test(job.if ?? "") ? [] : [`${at}: must run always()`];
      const isOptional = job.steps?.every(
        (step) => !isAction(step, "actions/download-artifact") || step["continue-on-error"] === true,
      );
      return isOptional ? issues : [...issues, `${at}: must report a missing artifact too`];
    });

export const RULES: readonly Rule[] = [
  ...CALL_RULES,
  ...STEP_RULES,
  ...SURROUNDINGS_RULES,
  findForbiddenTriggers,
  findUnpinnedActions,
  findUnknownInputs,
  findMissingFiles,
  findBroadPermissions,
  findStoredTokens,
  findMissingTimeouts,
  findFailFast,
  findCancelledDeployments,
  findDeploymentOrder,
  findOtherCommands,
  findWideSecrets,
  findKubeconfigs,
  findSilentFailures,
];
