import { expect, test } from "vitest";
import { countResults, type VerifyReport } from "../../../verify/report/report.ts";
import { formatReport } from "../../../verify/report/table.ts";

const RESULTS: VerifyReport["results"] = [
  {
    name: "load-balancing",
    title: "Requests over one connection reach all replicas",
    status: "passed",
    seconds: 1.2,
    observed: ["200 requests over 1 connection reached 2 pods", "the least busy pod answered 91"],
    problems: [],
    skipped: [],
  },
  {
    name: "mail",
    title: "Mail bypasses the proxy",
    status: "failed",
    seconds: 10.4,
    observed: ["ports 465, 587 and 2525 answered within 12 ms"],
    problems: [
      {
        observed: "port 25: no greeting within 1 s",
        cause: "The port is not in the outbound skip list.",
        docs: "docs/workloads.md#mail",
      },
    ],
    skipped: [],
  },
  {
    name: "viz",
    title: "viz reports the traffic",
    status: "skipped",
    seconds: 0,
    observed: [],
    problems: [],
    skipped: ["viz is not installed"],
  },
];

const REPORT: VerifyReport = {
  mesh: { namespace: "linkerd", linkerdVersion: "edge-26.8.3", stack: "prod" },
  results: RESULTS,
  ...countResults(RESULTS),
  seconds: 71.4,
  namespace: "linkerd-mesh-verify-a1b2c3",
  kept: false,
  cleanupError: null,
};

test("the report has a row for each observation, then the problems with their cause and their page", () => {
  expect(formatReport(REPORT)).toBe(`CHECK           RESULT   OBSERVED
load-balancing  passed   200 requests over 1 connection reached 2 pods
                         the least busy pod answered 91
mail            FAILED   ports 465, 587 and 2525 answered within 12 ms
                         port 25: no greeting within 1 s
viz             skipped  not checked: viz is not installed

mail: Mail bypasses the proxy
  port 25: no greeting within 1 s
    Likely cause: The port is not in the outbound skip list.
    See docs/workloads.md#mail

Linkerd edge-26.8.3 in namespace linkerd, stack prod: 1 passed, 1 failed, 1 skipped in 71 s.`);
});

test("the report names a namespace that is kept, and one that could not be deleted", () => {
  expect(formatReport({ ...REPORT, kept: true })).toMatch(
    /in 71 s\.\nThe workloads are in namespace linkerd-mesh-verify-a1b2c3\.$/,
  );
  expect(formatReport({ ...REPORT, cleanupError: "namespace n: must be deleted" })).toMatch(
    /\nThe workloads are not deleted: namespace n: must be deleted$/,
  );
});
