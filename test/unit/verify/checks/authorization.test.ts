import { expect, test } from "vitest";
import {
  type AuthorizationObservation,
  authorization,
  judgeAuthorization,
} from "../../../../verify/checks/authorization.ts";
import type { LoadResult } from "../../../../verify/probe/protocol.ts";
import { contextOn, loadOf, meshedPod, unmeshedPod, withoutWaiting } from "../../../support/probe-cluster.ts";

const denied = loadOf(5, { statuses: { "403": 5 } });
const admitted = loadOf(5);

const healthy: AuthorizationObservation = {
  withoutProxy: [],
  client: admitted,
  stranger: denied,
  unmeshed: denied,
  guarded: [{ pod: "guarded-1", ready: true, restarts: 0 }],
};

test("the allowed caller is admitted, the others are denied, and the probes pass", () => {
  expect(judgeAuthorization(healthy)).toEqual({
    observed: [
      "client, which is allowed: 5 × 200",
      "stranger, which is meshed: 5 × 403",
      "unmeshed, which is not: 5 × 403",
      "the pod of guarded is ready after 0 restarts, so its probes pass",
    ],
    problems: [],
  });
});

test("a connection that is closed is a denial too", () => {
  const closed = loadOf(5, { statuses: { "403": 3 }, errors: { ECONNRESET: 2 } });
  expect(judgeAuthorization({ ...healthy, unmeshed: closed }).problems).toEqual([]);
});

test.each<[broken: string, change: Partial<AuthorizationObservation>, observed: RegExp, cause: RegExp]>([
  [
    "a policy that is removed",
    { stranger: admitted, unmeshed: admitted },
    /not allowed: stranger, which is meshed: 5 × 200; unmeshed, which is not: 5 × 200/,
    /AuthorizationPolicy of guarded is missing or allows all callers/,
  ],
  [
    "a policy that allows all meshed callers",
    { stranger: admitted },
    /not allowed: stranger, which is meshed: 5 × 200$/,
    /allows all callers/,
  ],
  [
    "a stranger that is admitted once",
    { stranger: loadOf(5, { statuses: { "200": 1, "403": 4 } }) },
    /stranger, which is meshed: 1 × 200, 4 × 403/,
    /allows all callers/,
  ],
  [
    "an allowed caller that is denied",
    { client: denied },
    /client, which is allowed: 5 × 403, instead of 5 × 200/,
    /do not include the identity of the client/,
  ],
  [
    "an allowed caller that is denied once",
    { client: loadOf(5, { statuses: { "200": 4, "403": 1 } }) },
    /4 × 200, 1 × 403/,
    /did not reach guarded/,
  ],
  [
    "a server that does not answer the allowed caller",
    { client: loadOf(5, { statuses: {}, errors: { timeout: 5 } }) },
    /5 × timeout/,
    /did not reach guarded/,
  ],
  [
    "a stranger whose requests do not arrive",
    { stranger: loadOf(5, { statuses: {}, errors: { ENOTFOUND: 5 } }) },
    /proves nothing: stranger, which is meshed: 5 × ENOTFOUND/,
    /did not reach the proxy of guarded/,
  ],
  [
    "a denied probe",
    { guarded: [{ pod: "guarded-1", ready: false, restarts: 3 }] },
    /probes of guarded fail: guarded-1 is not ready after 3 restarts/,
    /denies the probes of the kubelet/,
  ],
  [
    "a readiness probe that fails",
    { guarded: [{ pod: "guarded-1", ready: false, restarts: 0 }] },
    /guarded-1 is not ready after 0 restarts/,
    /denies the probes of the kubelet/,
  ],
  [
    "a liveness probe that failed",
    { guarded: [{ pod: "guarded-1", ready: true, restarts: 1 }] },
    /guarded-1 is ready after 1 restart$/,
    /denies the probes of the kubelet/,
  ],
  [
    "a server without a proxy",
    { withoutProxy: ["guarded"], stranger: admitted, unmeshed: admitted },
    /no proxy in the pods of guarded, so this check proves nothing/,
    /injector/,
  ],
  [
    "a stranger without a proxy",
    { withoutProxy: ["stranger"] },
    /no proxy in the pods of stranger/,
    /injector/,
  ],
])("%s is one problem", (_, change, observed, cause) => {
  const { problems } = judgeAuthorization({ ...healthy, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.observed).toMatch(observed);
  expect(problems[0]?.cause).toMatch(cause);
});

/** Answers of each caller, one attempt after the other. The last one is repeated. */
function simulate(answers: Record<string, LoadResult[]>) {
  const attempts: Record<string, number> = {};
  const run = (caller: string) => {
    const attempt = attempts[caller] ?? 0;
    attempts[caller] = attempt + 1;
    return answers[caller]?.at(Math.min(attempt, answers[caller].length - 1));
  };
  return {
    attempts,
    run,
    pods: (name: string) => [name === "unmeshed" ? unmeshedPod(name) : meshedPod(name)],
  };
}

test("the check waits until the policy has reached the proxies", async () => {
  const cluster = simulate({
    client: [denied, admitted],
    stranger: [admitted, denied],
    unmeshed: [admitted, denied],
  });
  const finding = await withoutWaiting(() => authorization.run(contextOn(cluster)));
  expect(finding).toEqual(judgeAuthorization(healthy));
  expect(cluster.attempts).toEqual({ client: 2, stranger: 2, unmeshed: 2 });
});

test("the check fails if a stranger is still admitted when the time is over", async () => {
  const cluster = simulate({ client: [admitted], stranger: [admitted], unmeshed: [denied] });
  const { problems } = await withoutWaiting(() => authorization.run(contextOn(cluster)));
  expect(problems.map(({ observed }) => observed)).toEqual([
    "guarded answered callers that are not allowed: stranger, which is meshed: 5 × 200",
  ]);
  expect(cluster.attempts.stranger).toBe(11);
});

test("the allowed caller and the stranger are judged by the same attempt", async () => {
  const cluster = simulate({
    client: [admitted, denied],
    stranger: [admitted, denied],
    unmeshed: [denied],
  });
  const { problems } = await withoutWaiting(() => authorization.run(contextOn(cluster)));
  expect(problems.map(({ observed }) => observed)).toEqual([
    "client, which is allowed: 5 × 403, instead of 5 × 200",
  ]);
});

test("restarts of the proxy do not count as restarts of the application", async () => {
  const status = (name: string, restartCount: number) => ({
    name,
    restartCount,
    ready: true,
    image: "",
    imageID: "",
  });
  const guarded = meshedPod("guarded", {
    status: {
      conditions: [{ type: "Ready", status: "True" }],
      containerStatuses: [status("main", 0), status("linkerd-proxy", 2)],
    },
  });
  const cluster = simulate({ client: [admitted], stranger: [denied], unmeshed: [denied] });
  const pods = (name: string) => (name === "guarded" ? [guarded] : cluster.pods(name));
  expect((await authorization.run(contextOn({ ...cluster, pods }))).problems).toEqual([]);
});
