import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Check, CheckContext } from "../../../verify/checks/check.ts";
import type { Finding } from "../../../verify/report/finding.ts";
import type { CheckResult } from "../../../verify/report/report.ts";
import { runChecks } from "../../../verify/run/run-checks.ts";
import { selectChecks, workloadsOf } from "../../../verify/verify-mesh.ts";

const PASSED: Finding = { observed: ["3 of 3 requests have status 200"], problems: [] };

function check(name: Check["name"], run: Check["run"], workloads: Check["workloads"] = ["client"]): Check {
  return { name, title: `Promise of ${name}`, workloads, run };
}

/** Runs checks with a context of which only the signal is used. */
function run(stages: readonly (readonly Check[])[], options: Partial<Parameters<typeof runChecks>[1]> = {}) {
  const context = { signal: new AbortController().signal } as CheckContext;
  return runChecks(stages, { context, unready: new Map(), onResult: () => {}, ...options });
}

test("checks of a stage run at the same time, and those of the next stage after them", async () => {
  const events: string[] = [];
  const record = (name: Check["name"]) =>
    check(name, async () => {
      events.push(`${name} starts`);
      await sleep(20);
      events.push(`${name} ends`);
      return PASSED;
    });
  const results = await run([[record("mtls"), record("mail")], [record("rolling-restart")]]);
  expect(events).toEqual([
    "mtls starts",
    "mail starts",
    "mtls ends",
    "mail ends",
    "rolling-restart starts",
    "rolling-restart ends",
  ]);
  expect(results.map(({ name, status }) => [name, status])).toEqual([
    ["mtls", "passed"],
    ["mail", "passed"],
    ["rolling-restart", "passed"],
  ]);
});

test("a check with a problem fails, and one that observes nothing is skipped", async () => {
  const problem = {
    observed: "port 25: no greeting",
    cause: "The port is not skipped.",
    docs: "docs/workloads.md",
  };
  const results = await run([
    [
      check("mail", async () => ({ observed: ["port 465: 2 ms"], problems: [problem] })),
      check("viz", async () => ({ observed: [], problems: [], skipped: ["viz is not installed"] })),
    ],
  ]);
  expect(results).toMatchObject([
    { name: "mail", status: "failed", observed: ["port 465: 2 ms"], problems: [problem] },
    { name: "viz", status: "skipped", skipped: ["viz is not installed"] },
  ]);
});

test.each([
  ["rejects", async () => Promise.reject(new Error("the API server does not answer"))],
  [
    "throws",
    () => {
      throw new Error("the API server does not answer");
    },
  ],
])("a check that %s fails with the message of its error, and the others have results", async (_, fail) => {
  const results = await run([[check("mtls", fail as Check["run"]), check("mail", async () => PASSED)]]);
  expect(results).toMatchObject([
    {
      status: "failed",
      problems: [{ observed: "the check could not observe the mesh: the API server does not answer" }],
    },
    { status: "passed" },
  ]);
});

test("a check that does not end within its limit fails, and its signal aborts", async () => {
  let signal: AbortSignal | undefined;
  const endless = check("jobs", (context) => {
    signal = context.signal;
    return new Promise(() => {});
  });
  const [result] = await run([[endless]], { limitMs: () => 50 });
  expect(result).toMatchObject({
    status: "failed",
    problems: [{ observed: "the check did not end within 0.05 s" }],
  });
  expect(signal?.aborted).toBe(true);
});

test("when the run ends early, checks fail that have not ended, and later ones do not start", async () => {
  const controller = new AbortController();
  let started = false;
  const stages = [
    [check("mtls", () => new Promise(() => {})), check("mail", async () => PASSED)],
    [
      check("rolling-restart", async () => {
        started = true;
        return PASSED;
      }),
    ],
  ];
  const running = run(stages, { context: { signal: controller.signal } as CheckContext });
  await sleep(10);
  controller.abort(new Error("the run took too long"));
  const results = await running;
  expect(results.map(({ status }) => status)).toEqual(["failed", "passed", "failed"]);
  expect(results[2]?.problems[0]?.observed).toBe("the run ended before the check: the run took too long");
  expect(started).toBe(false);
});

test("a check whose workload is not ready fails with the reason, without running", async () => {
  const neverRuns = check("retries", () => Promise.reject(new Error("it ran")), ["client", "flaky"]);
  const unready = new Map([["flaky", "0 of 1 pods are ready: container main: ImagePullBackOff"]] as const);
  const [result] = await run([[neverRuns]], { unready });
  expect(result?.problems.map(({ observed }) => observed)).toEqual([
    "workload flaky is not ready: 0 of 1 pods are ready: container main: ImagePullBackOff",
  ]);
});

test("each result is reported when its check ends", async () => {
  const reported: CheckResult[] = [];
  const results = await run([[check("mail", async () => PASSED)]], {
    onResult: (result) => void reported.push(result),
  });
  expect(reported).toEqual(results);
});

const ALL = [
  [check("mtls", async () => PASSED, ["echo", "client"]), check("jobs", async () => PASSED, ["job"])],
  [check("rotation", async () => PASSED, ["client"])],
];
const namesOf = (stages: readonly (readonly Check[])[]) => stages.flat().map(({ name }) => name);

test("all checks are selected by default, except the rotation", () => {
  expect(namesOf(selectChecks(ALL, {}))).toEqual(["mtls", "jobs"]);
  expect(namesOf(selectChecks(ALL, { rotation: true }))).toEqual(["mtls", "jobs", "rotation"]);
  expect(namesOf(selectChecks(ALL, { only: ["jobs"] }))).toEqual(["jobs"]);
});

test("only the workloads of the selected checks are deployed, each once", () => {
  expect(workloadsOf(selectChecks(ALL, { only: ["jobs"] }))).toEqual(["job"]);
  expect(workloadsOf(ALL)).toEqual(["client", "echo", "job"]);
});
