import { describe, expect, test } from "vitest";
import { judgeAdmission } from "../../../../verify/checks/viz/admission.ts";
import { judgeLock, observeLock } from "../../../../verify/checks/viz/lock.ts";
import { isSteady, parseStatistics, statisticsPath } from "../../../../verify/checks/viz/statistics.ts";
import { judgeStatistics, readUntilSteady, viz } from "../../../../verify/checks/viz.ts";
import type { AdmissionCounters } from "../../../../verify/cluster/admission-counters.ts";
import type { ProbeCluster } from "../../../../verify/cluster/probe-cluster.ts";
import { contextOn, meshedPod, unmeshedPod } from "../../../support/probe-cluster.ts";
import { onlyProblem } from "../problems.ts";
import { healthyLoad, loadResult } from "./load.ts";

/** An answer of viz about the Deployment echo. */
const answer = (stats: object | null, status = 200) => ({
  status,
  body: JSON.stringify({
    ok: {
      statTables: [
        {
          podGroup: {
            rows: [{ resource: { namespace: "verify", type: "deployment", name: "echo" }, stats }],
          },
        },
      ],
    },
  }),
});

/** 1200 requests in 60 s, so 20 requests/s. */
const load = { load: { ...healthyLoad, sent: 1_200, statuses: { 200: 1_200 } }, seconds: 60 };

describe("statistics of viz", () => {
  test("the dashboard is requested for one Deployment and a window of 30 s", () => {
    expect(statisticsPath("verify", "echo")).toBe(
      "/api/tps-reports?resource_type=deployment&resource_name=echo&namespace=verify&window=30s",
    );
  });

  test("statistics are read from the dashboard's JSON, in which integers are strings", () => {
    expect(parseStatistics(answer({ successCount: "600", failureCount: "2" }), "echo")).toEqual({
      successes: 600,
      failures: 2,
    });
  });

  test("a Deployment without traffic has no requests", () => {
    expect(parseStatistics(answer(null), "echo")).toEqual({ successes: 0, failures: 0 });
  });

  test.each([
    [{ status: 500, body: '{"error":"rpc error: Unavailable"}' }, "viz answers 500: rpc error: Unavailable"],
    [
      { status: 400, body: "It appears that you are trying to reach this service with a host" },
      /^viz answers 400: It appears/,
    ],
    [{ status: 200, body: '{"error":{"error":"not found"}}' }, "viz answers 200: not found"],
    [{ status: 200, body: '{"ok":{"statTables":[]}}' }, "viz does not list the Deployment echo"],
    [{ status: 200, body: "" }, "viz answers 200: nothing"],
  ])("an answer without statistics (%j) is described", (given, expected) => {
    expect(parseStatistics(given, "echo")).toEqual(
      typeof expected === "string" ? expected : expect.stringMatching(expected),
    );
  });

  test("a window that is not yet under load from its start to its end is not steady", () => {
    const at = (successes: number) => ({ successes, failures: 0 });
    expect(isSteady(at(0), at(0))).toBe(false);
    expect(isSteady(at(200), at(400))).toBe(false);
    expect(isSteady(at(590), at(600))).toBe(true);
  });

  test("viz passes if it reports about as many requests as were sent, all successful", () => {
    expect(judgeStatistics({ ...load, result: { successes: 600, failures: 0 } })).toEqual({
      observed: [
        "viz reports 20.0 requests/s with a success rate of 100.00 %, while 20.0 requests/s were sent",
      ],
      problems: [],
    });
  });

  test.each([
    [
      "no requests",
      { successes: 0, failures: 0 },
      /^viz reports no request, while 20\.0 requests\/s were sent$/,
    ],
    [
      "less than half of the requests",
      { successes: 200, failures: 0 },
      /^viz reports 6\.7 requests\/s, while/,
    ],
    ["a failed request", { successes: 599, failures: 1 }, /^viz reports 1 failed of 600 requests$/],
    ["an error", "viz answers 500: rpc error: Unavailable", /^viz answers 500/],
  ])("a report with %s is a problem", (_, result, observed) => {
    expect(onlyProblem(judgeStatistics({ ...load, result })).observed).toMatch(observed);
  });

  test("requests of other checks are not a problem", () => {
    const result = { successes: 1_900, failures: 0 };
    expect(judgeStatistics({ ...load, result }).problems).toEqual([]);
  });

  test("a dashboard that rejects localhost is a problem with that cause", () => {
    const result = "viz answers 400: It appears that you are trying to reach this service with a host";
    expect(onlyProblem(judgeStatistics({ ...load, result })).cause).toContain("enforcedHostRegexp");
  });
});

test("without proxies, there is nothing that viz could report", async () => {
  const pods = (workload: string) => [workload === "echo" ? unmeshedPod(workload) : meshedPod(workload)];
  const get = () => ({ status: 403, body: "" });
  const finding = await viz.run(contextOn({ pods, get }, { vizNamespace: "linkerd-viz" }));
  expect(onlyProblem(finding).observed).toBe("no proxy in the pods of echo, so this check proves nothing");
});

describe("reports of a Deployment", () => {
  const signal = new AbortController().signal;
  const times = { withinMs: 200, intervalMs: 5 };

  test("are read until two of them agree", async () => {
    const reports = ["viz does not list the Deployment echo", 100, 300, 310, 1];
    const read = async () => {
      const report = reports.shift();
      return typeof report === "number" ? { successes: report, failures: 0 } : (report ?? "none is left");
    };
    expect(await readUntilSteady(read, signal, times)).toEqual({ successes: 310, failures: 0 });
  });

  test("of a dashboard that does not answer are read until the time is over", async () => {
    let reads = 0;
    const read = async () => {
      await new Promise((resolve) => setTimeout(resolve, 80));
      return `no answer to request ${++reads}`;
    };
    expect(await readUntilSteady(read, signal, times)).toBe(`no answer to request ${reads}`);
    expect(reads).toBeGreaterThan(1);
    expect(reads).toBeLessThanOrEqual(3);
  });
});

describe("admission counters", () => {
  const INJECTOR = "linkerd-proxy-injector.linkerd.io";
  const start: AdmissionCounters = {
    processStart: 1,
    calls: { [INJECTOR]: 5 },
    failOpen: { [INJECTOR]: 3 },
    failClosed: {},
  };
  const end: AdmissionCounters = { ...start, calls: { [INJECTOR]: 17 } };

  test("calls that failed before the run are not counted", () => {
    expect(judgeAdmission(start, end)).toEqual({
      observed: [
        "the API server called the injector 12 times; calls of all webhooks that failed: 0 with Ignore, 0 with Fail",
      ],
      problems: [],
    });
  });

  test("a pod that was admitted without a call is a problem", () => {
    const { observed, cause } = onlyProblem(judgeAdmission(start, { ...end, failOpen: { [INJECTOR]: 4 } }));
    expect(observed).toBe(`the API server admitted 1 objects although it could not call ${INJECTOR}`);
    expect(cause).toContain("such pods start without a proxy");
  });

  test("a pod that was rejected without a call is a problem", () => {
    const finding = judgeAdmission(start, { ...end, failClosed: { [INJECTOR]: 2 } });
    expect(onlyProblem(finding).observed).toBe(
      `the API server rejected 2 objects because it could not call ${INJECTOR}`,
    );
  });

  test.each<[string, AdmissionCounters | undefined, AdmissionCounters | undefined, RegExp]>([
    ["without access at the start", undefined, end, /access to \/metrics/],
    ["without access at the end", start, undefined, /access to \/metrics/],
    ["of another API server", start, { ...end, processStart: 2 }, /another API server/],
    ["of an API server that called no injector", start, start, /did not call the injector/],
  ])("counters %s are skipped", (_, first, last, reason) => {
    const { observed, problems, skipped } = judgeAdmission(first, last);
    expect({ observed, problems }).toEqual({ observed: [], problems: [] });
    expect(skipped).toEqual([expect.stringMatching(reason)]);
  });
});

describe("the lock of the dashboard", () => {
  const denied = loadResult({ sent: 5, statuses: { 403: 5 } });

  test("a dashboard that denies a pod of the run is locked", () => {
    expect(judgeLock({ status: 200, accessPolicy: "deny", answers: denied })).toEqual({
      observed: ["client, which may not call the dashboard: 5 × 403"],
      problems: [],
    });
  });

  test("a locked dashboard that answers is a problem, also if it answers once", () => {
    const answers = loadResult({ sent: 5, statuses: { 200: 1, 403: 4 } });
    const problem = onlyProblem(judgeLock({ status: 200, accessPolicy: "deny", answers }));
    expect(problem.observed).toBe("client, which may not call the dashboard: 1 × 200, 4 × 403");
    expect(problem.cause).toContain("has no proxy");
  });

  test("requests that do not arrive prove nothing about the lock", () => {
    const answers = loadResult({ sent: 5, statuses: {}, errors: { ENOTFOUND: 5 } });
    const problem = onlyProblem(judgeLock({ status: 200, accessPolicy: "deny", answers }));
    expect(problem.cause).toContain("did not reach the dashboard");
  });

  test("a dashboard that a setting opens is reported, and one of another installation is skipped", () => {
    expect(judgeLock({ status: 200, accessPolicy: "all-unauthenticated", answers: undefined })).toEqual({
      observed: ["every pod may call the dashboard: its accessPolicy is all-unauthenticated"],
      problems: [],
    });
    const { problems, skipped } = judgeLock({ status: 404, accessPolicy: undefined, answers: undefined });
    expect(problems).toEqual([]);
    expect(skipped).toEqual(["the lock of the dashboard: no Server viz-access denies other pods"]);
  });

  test("without access to the Server, the lock is skipped with the status", () => {
    const { skipped } = judgeLock({ status: 403, accessPolicy: undefined, answers: undefined });
    expect(skipped).toEqual(["the lock of the dashboard: the Server viz-access cannot be read, status 403"]);
  });

  test.each<[string, number, object, string | undefined, boolean]>([
    ["denies other pods", 200, { spec: { accessPolicy: "deny" } }, "deny", true],
    ["has the default of Linkerd", 200, { spec: {} }, "deny", true],
    ["is open", 200, { spec: { accessPolicy: "all-unauthenticated" } }, "all-unauthenticated", false],
    ["does not exist", 404, {}, undefined, false],
  ])("a Server that %s is read from viz's namespace", async (_, status, server, accessPolicy, sends) => {
    const [paths, urls]: [string[], string[]] = [[], []];
    const cluster = {
      get: async (path: string) => {
        paths.push(path);
        return { status, body: JSON.stringify(server) };
      },
      run: async (_where: unknown, _script: unknown, { url }: { url: string }) => {
        urls.push(url);
        return denied;
      },
    } as unknown as ProbeCluster;
    expect((await observeLock(cluster, "tools")).accessPolicy).toBe(accessPolicy);
    expect(paths).toEqual(["/apis/policy.linkerd.io/v1beta3/namespaces/tools/servers/viz-access"]);
    expect(urls).toEqual(sends ? ["http://web.tools.svc:8084/api/version"] : []);
  });
});
