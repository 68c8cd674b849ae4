/** Rules for what starts the workflows, and for what a workflow passes to another one. */
import { listRuns, UNREVIEWED } from "./job-runs.ts";
import { type Job, listJobs, listTriggers, type Rule, type Workflows } from "./read-workflows.ts";

/** Events that the rules follow. Everything else starts with code or rights that nobody checked. */
const EVENTS = ["pull_request", "workflow_dispatch", "workflow_call", "push", "schedule"];

export const findUnknownEvents: Rule = ({ parsed }) =>
  Object.entries(parsed).flatMap(([file, workflow]) => {
    const unknown = listTriggers(workflow)
      .filter((event) => !EVENTS.includes(event))
      .map((event) => `${file}: ${event} is not among the events that the rules know`);
    const { on } = workflow;
    const push = typeof on === "object" && !Array.isArray(on) ? (on as Record<string, unknown>).push : null;
    const isLimited = JSON.stringify(push) === '{"branches":["main"]}';
    return !listTriggers(workflow).includes("push") || isLimited
      ? unknown
      : [...unknown, `${file}: push must be limited to the branch main`];
  });

/**
 * Each job that logs in has the environment of its command and its event: a deployment that of the stack, which has prod's
 * reviewers; a preview of unreviewed code one with reviewers; everything else one that reads, on main only.
 */
export const findWrongEnvironments: Rule = (workflows) =>
  listRuns(workflows, ["pull_request", "workflow_dispatch", "push", "schedule"]).flatMap((run) => {
    const { command, stack } = run.inputs;
    if (command === undefined) return [];
    const isUnreviewed = UNREVIEWED.includes(run.trigger) && command === "preview";
    const environment = command === "up" ? stack : `${stack}-${isUnreviewed ? "preview" : "read"}`;
    const job = `${run.at}: ${command} ${stack} of ${run.trigger}`;
    if (command === "up" && run.trigger !== "push") return [`${job} must not exist`];
    if (run.environment === environment) return [];
    return [`${job} must use the environment ${environment}, got ${run.environment ?? "none"}`];
  });

/** Secrets come from environments only, also where an `if` limits a job to main: a branch can change the `if`. */
export const findOpenSecrets: Rule = (workflows) =>
  listJobs(workflows)
    .filter(({ job }) => job.steps && !job.environment && /\bsecrets\b/.test(JSON.stringify(job)))
    .map(({ at }) => `${at}: has a secret, and must have an environment`);

/** GitHub rejects a run whose called workflow needs more than the caller allows. */
export const findMissingPermissions: Rule = (workflows) =>
  listJobs(workflows).flatMap(({ at, job }) =>
    listCalledJobs(workflows, job).flatMap(({ file, called }) =>
      listPermissions(called)
        .filter((one) => !listPermissions(job).includes(one))
        .map((one) => `${at}: must allow ${one}, which ${file} needs`),
    ),
  );

function listCalledJobs({ parsed }: Workflows, { uses }: Job): { file: string; called: Job }[] {
  const file = uses?.replace("./.github/workflows/", "") ?? "";
  return Object.values(parsed[file]?.jobs ?? {}).map((called) => ({ file, called }));
}

function listPermissions({ permissions }: Job): string[] {
  if (typeof permissions !== "object") return [];
  return Object.entries(permissions).map(([scope, level]) => `${scope}: ${level}`);
}

/** All stacks are previewed, and checked for drift. */
export const findMissingStacks: Rule = (workflows) =>
  listJobs(workflows)
    .filter(({ job }) => job.strategy)
    .filter(({ job }) => job.strategy?.matrix?.stack?.join() !== workflows.stacks.join())
    .map(({ at }) => `${at}: must have the stacks ${workflows.stacks.join(", ")}`);

export const CALL_RULES: readonly Rule[] = [
  findUnknownEvents,
  findWrongEnvironments,
  findOpenSecrets,
  findMissingPermissions,
  findMissingStacks,
];
