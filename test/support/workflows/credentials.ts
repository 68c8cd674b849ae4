/** Follows every credential of the workflows to the jobs that can read it. */
import { FORBIDDEN, type JobRun, listRuns, UNREVIEWED } from "./job-runs.ts";
import { expression, isLimitedToMain, type Step, type Workflows } from "./read-workflows.ts";

/** The rules of an environment, as docs/pull-requests.md has people set them. */
export interface EnvironmentRules {
  /** Somebody approves each job. */
  readonly reviewers: boolean;
  /** Only jobs of main may use it. */
  readonly mainOnly: boolean;
}

export const ENVIRONMENTS: Readonly<Record<string, EnvironmentRules>> = {
  dev: { reviewers: false, mainOnly: true },
  prod: { reviewers: true, mainOnly: true },
  "dev-read": { reviewers: false, mainOnly: true },
  "prod-read": { reviewers: false, mainOnly: true },
  "dev-preview": { reviewers: true, mainOnly: false },
  "prod-preview": { reviewers: true, mainOnly: false },
};

/**
 * Lists the credentials that the code of a pull request or of a branch can read before somebody approves it. `if` does
 * not protect anything here: the code of the pull request includes its workflows.
 */
export function findLeaks(
  workflows: Workflows,
  environments: Readonly<Record<string, EnvironmentRules>> = ENVIRONMENTS,
): string[] {
  const leaks = listRuns(workflows, [...UNREVIEWED, ...FORBIDDEN]).flatMap((run) => {
    const reached = listCredentials(run);
    if (reached.length === 0) return [];
    const rules = run.environment === undefined ? undefined : environments[run.environment];
    const isGated = rules !== undefined && (rules.reviewers || rules.mainOnly);
    const issues: string[] = [];
    if (!isGated && runsUnreviewedCode(run)) {
      issues.push(`${run.at}: unreviewed code of ${run.trigger} can read ${reached.join(", ")}`);
    }
    return [...issues, ...findCaches(run), ...findArtifacts(run)];
  });
  return [...new Set(leaks)];
}

/** Secrets, OIDC tokens and write permissions that the job has. */
export function listCredentials({ workflow, job, secrets, passed }: JobRun): string[] {
  const text = JSON.stringify([workflow.env, job]);
  const named = [...text.matchAll(/\bsecrets\s*(?:\.\s*(\w+)|\[|\))/g)].map(
    ([, name]) => name ?? "all secrets",
  );
  const own =
    secrets === "none" && passed.length === 0 ? [] : named.filter((name) => name !== "GITHUB_TOKEN");
  const { permissions } = job;
  if (permissions === undefined) return [...new Set(own), "GITHUB_TOKEN with the default permissions"];
  const written =
    typeof permissions === "string"
      ? permissions === "read-all"
        ? []
        : [permissions]
      : Object.entries(permissions)
          .filter(([, level]) => level === "write")
          .map(([scope]) => `${scope}: write`);
  return [...new Set([...own, ...written])];
}

/** The base commit is reviewed. Everything else that a job of an unreviewed event checks out is not. */
export function runsUnreviewedCode({ job }: JobRun): boolean {
  return (job.steps ?? []).some((step) => {
    if (!isAction(step, "actions/checkout")) return false;
    return (
      step.with?.ref !== expression("github.event.pull_request.base.sha") ||
      step.with.repository !== undefined
    );
  });
}

/**
 * A cache of a pull request has what its earlier, unreviewed commits stored. A job with credentials must not restore it,
 * also if a reviewer approved the commit.
 */
function findCaches({ at, job }: JobRun): string[] {
  return (job.steps ?? []).flatMap((step) => {
    if (isLimitedToMain(step.if)) return [];
    const isCache =
      isAction(step, "actions/cache") ||
      (isAction(step, "actions/setup-node") &&
        (step.with?.cache !== undefined || step.with?.["package-manager-cache"] !== false));
    return isCache ? [`${at}: has credentials, and restores a cache that unreviewed code can write`] : [];
  });
}

/** An artifact of another job is data: it lies outside of the checkout, where no command runs it. */
function findArtifacts({ at, job }: JobRun): string[] {
  const downloads = (job.steps ?? []).filter((step) => isAction(step, "actions/download-artifact"));
  return downloads.flatMap((step) => {
    const path = String(step.with?.path ?? "");
    if (!path.startsWith(`${expression("runner.temp")}/`)) {
      return [`${at}: has credentials, and downloads an artifact into the checkout`];
    }
    const isUsed = (job.steps ?? []).some(({ run }) => run?.includes("$RUNNER_TEMP"));
    return isUsed ? [`${at}: has credentials, and a command names the directory of an artifact`] : [];
  });
}

export function isAction(step: Step, name: string): boolean {
  return step.uses?.split("@")[0] === name || step.uses?.startsWith(`${name}/`) === true;
}
