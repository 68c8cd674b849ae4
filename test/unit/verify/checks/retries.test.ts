import { expect, test } from "vitest";
import { judgeRetries, type RetriesObservation, retries } from "../../../../verify/checks/retries.ts";
import type { LoadResult, RequestLoad } from "../../../../verify/probe/protocol.ts";
import { contextOn, loadOf, unmeshedPod, withoutWaiting } from "../../../support/probe-cluster.ts";

const retried = { load: loadOf(1), attempts: 2 };
const notRetried = { load: loadOf(1, { statuses: { "503": 1 } }), attempts: 1 };

const slow = (status: string, ms: number): LoadResult =>
  loadOf(1, { statuses: { [status]: 1 }, latency: { p50: ms, max: ms } });

const healthy: RetriesObservation = {
  withoutProxy: [],
  retried: [retried, retried, retried],
  slow: slow("504", 2_006),
};

test("requests that are retried once and a request that times out pass", () => {
  expect(judgeRetries(healthy)).toEqual({
    observed: [
      "3 requests failed first and were answered with 200; the server counted 2 attempts for each",
      "a request of 6.0 s was answered with 504 after 2.0 s; the timeout is 2 s",
    ],
    problems: [],
  });
});

test.each([1_000, 5_000])("a timeout after %i ms is within the bounds", (ms) => {
  expect(judgeRetries({ ...healthy, slow: slow("504", ms) }).problems).toEqual([]);
});

test.each<[broken: string, change: Partial<RetriesObservation>, observed: RegExp, cause: RegExp]>([
  [
    "a removed retry annotation",
    { retried: [notRetried, notRetried, notRetried] },
    /3 of 3 requests were not answered with 200 after 2 attempts: 1 × 503 after 1 attempt/,
    /does not have the annotation retry\.linkerd\.io\/http/,
  ],
  [
    "a request that is not retried",
    { retried: [retried, notRetried, retried] },
    /1 of 3 requests were not answered with 200/,
    /retry\.linkerd\.io\/http/,
  ],
  [
    "a retry that fails as well",
    { retried: [{ ...notRetried, attempts: 2 }, retried, retried] },
    /1 × 503 after 2 attempts/,
    /retry\.linkerd\.io\/http/,
  ],
  [
    "a request that is repeated too often",
    { retried: [retried, retried, { load: loadOf(1), attempts: 3 }] },
    /1 × 200 after 3 attempts/,
    /Something besides the annotations/,
  ],
  [
    "a server that did not fail",
    { retried: [{ load: loadOf(1), attempts: 1 }, retried, retried] },
    /1 × 200 after 1 attempt/,
    /did not reach the server through the proxy/,
  ],
  [
    "a server that is not reached",
    { retried: [{ load: loadOf(1, { statuses: {}, errors: { ECONNREFUSED: 1 } }), attempts: 0 }] },
    /1 × ECONNREFUSED after 0 attempts/,
    /did not reach the server/,
  ],
  [
    "a removed timeout annotation",
    { slow: slow("200", 6_004) },
    /a request of 6\.0 s: 1 × 200 after 6\.0 s, instead of 504 after 2 s/,
    /does not have the annotation timeout\.linkerd\.io\/request/,
  ],
  [
    "a longer timeout",
    { slow: slow("504", 5_802) },
    /1 × 504 after 5\.8 s, instead of 504 after 2 s/,
    /with this value/,
  ],
  [
    "a request that fails at once",
    { slow: slow("504", 4) },
    /1 × 504 after 4 ms, instead of 504 after 2 s/,
    /timeout\.linkerd\.io/,
  ],
  [
    "a client without a proxy",
    { withoutProxy: ["client"], retried: [notRetried], slow: slow("200", 6_004) },
    /no proxy in the pods of client/,
    /injector/,
  ],
])("%s is one problem", (_, change, observed, cause) => {
  const { problems } = judgeRetries({ ...healthy, ...change });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.observed).toMatch(observed);
  expect(problems[0]?.cause).toMatch(cause);
});

/** A server behind a proxy that follows the annotations from the given attempt of the check on. */
function simulate(followsFrom: number) {
  const attempts = new Map<string, number>();
  let slowRequests = 0;
  const run = (_: string, __: string, { url }: RequestLoad) => {
    const { pathname, searchParams } = new URL(url);
    const id = searchParams.get("id") ?? "";
    if (pathname === "/slow") slowRequests++;
    const follows = slowRequests >= followsFrom;
    switch (pathname) {
      case "/slow":
        return follows ? slow("504", 2_001) : slow("200", 6_001);
      case "/flaky":
        attempts.set(id, follows ? 2 : 1);
        return follows ? loadOf(1) : loadOf(1, { statuses: { "503": 1 } });
      default:
        return loadOf(1, { lastBody: JSON.stringify({ attempts: attempts.get(id) ?? 0 }) });
    }
  };
  return { run, attempts };
}

test("the check reads the attempts of each ID from the server", async () => {
  const { run, attempts } = simulate(1);
  expect((await retries.run(contextOn({ run }))).problems).toEqual([]);
  expect([...attempts.values()]).toEqual([2, 2, 2]);
});

test("the check repeats with new IDs until the annotations have reached the proxy", async () => {
  const { run, attempts } = simulate(3);
  const { problems } = await withoutWaiting(() => retries.run(contextOn({ run })));
  expect(problems).toEqual([]);
  expect([...attempts.values()]).toEqual([1, 1, 1, 1, 1, 1, 2, 2, 2]);
});

test("the check fails if the annotations have not reached the proxy when the time is over", async () => {
  const { run } = simulate(Infinity);
  const { problems } = await withoutWaiting(() => retries.run(contextOn({ run })));
  expect(problems).toHaveLength(2);
});

test("an attempt counter that cannot be read counts as 0 attempts", async () => {
  const run = () => loadOf(1, { statuses: { "503": 1 }, lastBody: "no healthy endpoints" });
  const { problems } = await withoutWaiting(() => retries.run(contextOn({ run })));
  expect(problems[0]?.observed).toContain("1 × 503 after 0 attempts");
});

test("the check sees that the client has no proxy", async () => {
  const { run } = simulate(Infinity);
  const pods = (workload: string) => [unmeshedPod(workload)];
  const { problems } = await withoutWaiting(() => retries.run(contextOn({ run, pods })));
  expect(problems.map(({ observed }) => observed)).toEqual([
    "no proxy in the pods of client, flaky, so this check proves nothing",
  ]);
});
