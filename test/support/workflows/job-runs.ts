/** The jobs that an event starts, through all calls of workflows. */
import { isLimitedToMain, type Job, listTriggers, type Workflow, type Workflows } from "./read-workflows.ts";

/** A job with steps, as one event starts it. */
export interface JobRun {
  /** E.g. `preview.yaml: preview (stack=dev) > pulumi.yaml: pulumi`. */
  readonly at: string;
  readonly trigger: string;
  readonly workflow: Workflow;
  readonly job: Job;
  /** Whether the secrets of the repository and of the environment reach the job. */
  readonly secrets: "inherit" | "own" | "none";
  /** The names of secrets that a caller passes. */
  readonly passed: readonly string[];
  /** The name of the environment, with inputs replaced. `undefined` without one. */
  readonly environment: string | undefined;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Events whose code is what a contributor proposes: the head of a pull request, or any branch. */
export const UNREVIEWED = ["pull_request", "workflow_dispatch"];
/** Events that run with the secrets of the repository for a pull request of a fork. They are not used here. */
export const FORBIDDEN = [
  "pull_request_target",
  "workflow_run",
  "issue_comment",
  "pull_request_review_comment",
];

export function listRuns(workflows: Workflows, triggers: readonly string[]): JobRun[] {
  return Object.entries(workflows.parsed).flatMap(([file, workflow]) =>
    listTriggers(workflow)
      .filter((trigger) => triggers.includes(trigger))
      .flatMap((trigger) =>
        follow(workflows, file, { at: "", trigger, inputs: {}, secrets: "own", passed: [] }),
      ),
  );
}

type Call = Pick<JobRun, "at" | "trigger" | "inputs" | "secrets" | "passed">;

function follow(workflows: Workflows, file: string, call: Call): JobRun[] {
  const workflow = workflows.parsed[file];
  if (!workflow) throw new Error(`${call.at}: calls ${file}, which does not exist`);
  return Object.entries(workflow.jobs).flatMap(([name, job]) =>
    expandMatrix(job).flatMap((matrix): JobRun[] => {
      // On a branch or a pull request, the job is skipped.
      if (isLimitedToMain(job.if)) return [];
      const replace = (text: string) => replaceExpressions(text, { inputs: call.inputs, matrix });
      const suffix = Object.entries(matrix).map(([key, value]) => ` (${key}=${value})`);
      const at = `${call.at}${file}: ${name}${suffix.join("")}`;
      if (job.uses?.startsWith("./")) {
        const inputs = Object.fromEntries(
          Object.entries(job.with ?? {}).map(([key, value]) => [key, replace(value)]),
        );
        const { secrets } = job;
        return follow(workflows, job.uses.replace("./.github/workflows/", ""), {
          at: `${at} > `,
          trigger: call.trigger,
          inputs,
          // A call passes on at most what the caller has.
          secrets: secrets === "inherit" && call.secrets !== "none" ? "inherit" : "none",
          passed: typeof secrets === "object" ? Object.values(secrets) : [],
        });
      }
      const { environment } = job;
      const named = typeof environment === "string" ? environment : environment?.name;
      return [{ ...call, at, workflow, job, environment: named === undefined ? undefined : replace(named) }];
    }),
  );
}

function expandMatrix({ strategy }: Job): Record<string, string>[] {
  return Object.entries(strategy?.matrix ?? {}).reduce<Record<string, string>[]>(
    (all, [key, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }))),
    [{}],
  );
}

function replaceExpressions(
  text: string,
  contexts: Record<string, Readonly<Record<string, string>>>,
): string {
  return text.replaceAll(/\$\{\{\s*(\w+)\.(\w+)\s*\}\}/g, (whole, context, key) => {
    return contexts[context]?.[key] ?? whole;
  });
}
