/** Runs the checks in stages, each within its time. */
import type { Check, CheckContext, CheckName } from "../checks/check.ts";
import type { Stage } from "../checks/index.ts";
import type { Unready } from "../cluster/readiness.ts";
import { type Finding, statusOf } from "../report/finding.ts";
import type { CheckResult } from "../report/report.ts";
import { abortable } from "./abortable.ts";

/** Time limit of a check. A CronJob starts within a minute, and a rotation restarts every workload three times. */
export function limitOf(check: CheckName): number {
  return check === "rotation" ? 20 * 60_000 : 120_000;
}

/** What {@link runChecks} needs beside the checks. */
export interface ChecksRun {
  readonly context: CheckContext;
  /** The workloads that do not run. Checks that need one fail without running. */
  readonly unready: Unready;
  readonly onResult: (result: CheckResult) => void;
  /** @default {@link limitOf} */
  readonly limitMs?: (check: CheckName) => number;
}

/** Runs the stages one after the other, and the checks of a stage at the same time. Every check has a result. */
export async function runChecks(stages: readonly Stage[], run: ChecksRun): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const stage of stages) {
    const found = stage.map(async (check) => {
      const result = await runCheck(check, run);
      run.onResult(result);
      return result;
    });
    results.push(...(await Promise.all(found)));
  }
  return results;
}

async function runCheck(check: Check, run: ChecksRun): Promise<CheckResult> {
  const started = Date.now();
  const { observed, problems, skipped = [] } = await observe(check, run);
  return {
    name: check.name,
    title: check.title,
    status: statusOf({ observed, problems }),
    seconds: Math.round((Date.now() - started) / 100) / 10,
    observed,
    problems,
    skipped,
  };
}

/** The finding of a check. A check that cannot observe the mesh has a problem, and not an exception. */
async function observe(check: Check, { context, unready, limitMs = limitOf }: ChecksRun): Promise<Finding> {
  const missing = check.workloads.filter((workload) => unready.has(workload));
  if (missing.length > 0) {
    return {
      observed: [],
      problems: missing.map((workload) => ({
        observed: `workload ${workload} is not ready: ${unready.get(workload)}`,
        cause: "The pods of the workload do not start, so the check did not run.",
        docs: "docs/verify.md",
      })),
    };
  }
  const limit = limitMs(check.name);
  const timeout = AbortSignal.timeout(limit);
  const signal = AbortSignal.any([context.signal, timeout]);
  try {
    context.signal.throwIfAborted();
    // In a function: a check may also throw before its first await.
    const work = (async () => check.run({ ...context, signal }))();
    return await abortable(work, signal);
  } catch (error) {
    const problem = (observed: string, cause: string): Finding => ({
      observed: [],
      problems: [{ observed, cause, docs: "docs/verify.md" }],
    });
    const tooSlow = "The cluster or the mesh answers too slowly, or does not answer.";
    const { message } = error as Error;
    if (context.signal.aborted) return problem(`the run ended before the check: ${message}`, tooSlow);
    if (timeout.aborted) return problem(`the check did not end within ${limit / 1000} s`, tooSlow);
    return problem(
      `the check could not observe the mesh: ${message}`,
      "The cluster does not answer, denies access, or a probe failed.",
    );
  }
}
