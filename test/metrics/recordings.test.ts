/**
 * The dashboards over an hour of a real mesh: its recordings are extended, so that what proxies and controllers really
 * export answers the queries. The recordings are not in the repository. Without them, these tests are skipped.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { DASHBOARDS, findDashboard } from "../support/metrics/grafana/report.ts";
import { findUses } from "../support/metrics/grafana/uses.ts";
import type { Selection } from "../support/metrics/grafana/variables.ts";
import { formatLegend, walkDashboard } from "../support/metrics/grafana/walk.ts";
import type { History } from "../support/metrics/history.ts";
import { type Prometheus, startPrometheus } from "../support/metrics/prometheus.ts";
import { createRecordedHistory, SCRAPE_INTERVAL } from "../support/metrics/recordings/recorded-history.ts";
import { hasRecordings, RECORDINGS, readAllLabels } from "../support/metrics/recordings/recordings.ts";
import { type ReadPanel, readAnswers } from "./numbers/panel-values.ts";

const TIME = { range: 3600, interval: SCRAPE_INTERVAL, scrapeInterval: SCRAPE_INTERVAL };

if (!hasRecordings()) console.log(`Skipped: there are no recordings in ${RECORDINGS}.`);

describe.skipIf(!hasRecordings())("over the recordings of edge-26.8.3", () => {
  let history: History;
  let prometheus: Prometheus;
  let queries = 0;
  const now = () => history.scrapes.at(-1)?.time ?? 0;

  beforeAll(async () => {
    history = createRecordedHistory();
    prometheus = await startPrometheus({ tools: inject("metricsTools"), history });
  });
  afterAll(async () => {
    await prometheus.stop();
    console.log(`${queries} queries over ${history.series.length} recorded series`);
  });

  async function walk(uid: string, selection: Selection) {
    const options = { api: prometheus, now: now(), time: TIME, selection };
    const { asked } = await walkDashboard(findDashboard(uid), options);
    queries += asked.length;
    return asked;
  }

  async function read(uid: string, selection: Selection): Promise<ReadPanel> {
    return readAnswers(uid, await walk(uid, selection), now());
  }

  /** Families without a sample in the scrapes: of other exporters, of this program's rules, of gRPC routes and ServiceProfiles. */
  const NOT_RECORDED =
    /^(container|apiserver|kube_pod|prometheus_tsdb|outbound_grpc_route|route)_|^linkerd_mesh:certificate_/;

  test.each(["linkerd-applications", "linkerd-mesh-health"])(
    "every query of %s whose metrics are in the recordings is answered",
    async (uid) => {
      const recorded = readAllLabels();
      const empty: string[] = [];
      for (const { path, interpolated, problems } of await walk(uid, {})) {
        if (!problems.includes("empty")) continue;
        const { metrics } = await findUses(prometheus, interpolated);
        const unknown = [...metrics].filter((metric) => NOT_RECORDED.test(metric));
        expect([...metrics].filter((metric) => !recorded.has(metric) && !unknown.includes(metric))).toEqual(
          [],
        );
        if (unknown.length === 0) empty.push(path);
      }
      const expected = {
        "linkerd-applications": [],
        "linkerd-mesh-health": [
          // The injector skipped one pod, which nobody requested to inject.
          "linkerd-mesh-health / Injection / Skipped injections A",
          // Nobody denied a scrape.
          "linkerd-mesh-health / Scraping / Denied scrapes A",
        ],
      };
      expect(empty).toEqual(expected[uid as keyof typeof expected]);
    },
  );

  test.each([
    ...DASHBOARDS.map(({ uid }) => [uid, {}] as const),
    ["linkerd-mesh-health", { namespace: ["billing"] }],
    ["linkerd-applications", { namespace: ["billing", "shop"] }],
    ["linkerd-applications", { kind: "deployment", workload: ["invoices"] }],
    ["linkerd-applications", { kind: "deployment", workload: ["invoices", "linkerd-identity"] }],
    ["linkerd-applications", { kind: "daemonset", workload: ["agent"] }],
    ["linkerd-applications", { kind: "statefulset", workload: ["cache"] }],
    ["linkerd-applications", { kind: "pod", workload: ["invoices-7fb7d96f94-2jtdj"] }],
  ] as const)(
    "no answer of %s has a warning, NaN, a hidden label or two equal legends with %o",
    async (...args) => {
      const problems = (await walk(...args)).flatMap(({ path, problems }) =>
        problems.filter((problem) => problem !== "empty").map((problem) => `${path}: ${problem}`),
      );
      expect(problems).toEqual([]);
    },
  );

  test("no legend is without a name, also where a client uses TLS without a certificate", async () => {
    const asked = await walk("linkerd-applications", {});
    const unnamed = asked.filter((one) =>
      one.answer.samples.some(
        (sample) => formatLegend(one, sample).trim() === "" || sample.metric.caller === "",
      ),
    );
    expect(unnamed.map(({ path }) => path)).toEqual([]);
    const callers = readAnswers("linkerd-applications", asked, now())("By caller / Requests by caller");
    // New proxies call identity: 27 times in the 363 seconds since its proxy started.
    expect(callers).toMatchObject({ "without certificate": round(27 / 363.037717704) });
  });

  /** Seconds between the two scrapes of a pod: the differences of `process_uptime_seconds_total`. */
  const SECONDS = {
    a: 33.535953434,
    b: 33.531307477,
    agent: 33.490932385,
    cache: 33.506231318,
    denied: 33.365313608,
  };
  /** A panel shows six digits. */
  const round = (value: number) => Number(value.toPrecision(6));

  test("the requests and the success of invoices are those of its two pods, without probes and scrapes", async () => {
    const panel = await read("linkerd-applications", { kind: "deployment", workload: ["invoices"] });
    const { a, b } = SECONDS;
    // request_total of port 8080 and the route `default`. a: 394 to 515 and 68 to 104. b: 258 to 472 and 63 to 92.
    expect(panel("Golden signals / Requests")).toEqual({ requests: round((121 + 36) / a + (214 + 29) / b) });
    expect(panel("By caller / Requests by caller")).toEqual({
      "default.billing": round(121 / a + 214 / b),
      "unmeshed (no_tls_from_remote)": round(36 / a + 29 / b),
    });
    // response_total. a: 97 and 36 successes, 21 failures. b: 159 and 29 successes, 53 failures.
    const success = 133 / a + 188 / b;
    const failure = 21 / a + 53 / b;
    expect(panel("Golden signals / Success rate")).toEqual({ success: round(success / (success + failure)) });
    expect(panel("Golden signals / Responses by status")).toEqual({
      "2xx success": round(success),
      "5xx failure": round(failure),
    });
    const meshed = 97 / a + 159 / b;
    expect(panel("By caller / Success by caller")).toEqual({
      "default.billing": round(meshed / (meshed + failure)),
      "unmeshed (no_tls_from_remote)": 1,
    });
  });

  test("the calls of agent are those to its Services, with attempts, retries and timeouts", async () => {
    const panel = await read("linkerd-applications", { kind: "daemonset", workload: ["agent"] });
    const rate = (count: number) => round(count / SECONDS.agent);
    // The pods of invoices answer for both Services. request_total to the two pods. invoices: 214 to 351 and 273 to 377. noretry: 96 to 102 and 34 to 93.
    expect(panel("Called by it / Dependencies", "A")).toEqual({
      "invoices.billing invoices.billing": rate(137 + 104),
      "noretry.billing invoices.billing": rate(6 + 59),
    });
    // invoices: 120 and 84 successes, 15 and 17 times 503, 2 and 3 attempts without a response. noretry: 2 and 22, 4 and 37.
    expect(panel("Called by it / Dependencies", "B")).toEqual({
      "invoices.billing invoices.billing": round(204 / (204 + 32 + 5)),
      "noretry.billing invoices.billing": round(24 / (24 + 41)),
    });
    expect(panel("By route / Retries", "A")).toMatchObject({
      "invoices.billing http requests": rate(71 - 50),
    });
    expect(panel("By route / Timeouts and other errors")).toMatchObject({
      "invoices.billing http REQUEST_TIMEOUT": rate(17 - 12),
    });
    // 413 to 617.
    expect(panel("By route / Sent, by route and status")).toMatchObject({
      "invoices.billing http 200": rate(204),
    });
  });

  test("a denied caller sees 403, and its callee shows who is denied", async () => {
    const caller = await read("linkerd-applications", { kind: "deployment", workload: ["denied"] });
    // 29 to 39, and 39 to 62.
    expect(caller("By route / Sent, by route and status")).toEqual({
      "web.shop http 403": round(33 / SECONDS.denied),
    });
    const callee = await read("linkerd-applications", { kind: "deployment", workload: ["web"] });
    // 70 and 5 since the proxy started.
    expect(callee("Policy / Denied")).toEqual({
      "web-http from default.outside": round(70 / 300.491327933),
      "web-http from stranger.shop": round(5 / 300.491327933),
    });
    // 2039 requests that were allowed. Denied ones are not among them.
    expect(callee("Golden signals / Requests")).toEqual({ requests: round(2039 / 300.491327933) });
  });

  test("the connections of cache are those that it accepts on its port", async () => {
    const panel = await read("linkerd-applications", { kind: "statefulset", workload: ["cache"] });
    // 60 to 90 connections, with 6 bytes to it and 36 bytes from it each.
    expect(panel("TCP / New connections")).toEqual({ "accepted on 6379": round(30 / SECONDS.cache) });
    expect(panel("TCP / Received")).toEqual({ "on 6379": round((30 * 6) / SECONDS.cache) });
    expect(panel("TCP / Sent")).toEqual({ "on 6379": round((30 * 36) / SECONDS.cache) });
  });

  test("the proxies and the controllers are counted", async () => {
    const panel = await read("linkerd-mesh-health", {});
    expect(panel("Proxies / Proxies")).toEqual({ proxies: 8 });
    const controllers = { destination: 1, identity: 1, policy: 1, "proxy-injector": 1, "sp-validator": 1 };
    expect(panel("Scraping / Targets that answer")).toEqual({ proxies: 8, ...controllers });
  });
});
