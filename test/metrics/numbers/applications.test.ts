/** The numbers of *Applications*. Each is worked out by hand from the facts of the shop, in the comment beside it. */
import { beforeAll, describe, expect, test } from "vitest";
import { type ReadPanel, readDashboard } from "./panel-values.ts";

const TABLE = "All applications / Applications, worst first";
const [FAILURES, SUCCESS, REQUESTS, P50, P95, P99, MTLS, CPU, MEMORY, ERRORS] = "ABCDEFGHIJ";

describe.each([
  ["edge-26.8.3", "viz"],
  ["edge-26.8.3", "operator"],
  ["edge-26.8.3", "federated"],
  ["2.20", "viz"],
  ["2.19", "viz"],
] as const)("with the metrics of %s and the labels of %s", (...source) => {
  let all: ReadPanel;
  let web: ReadPanel;
  beforeAll(async () => {
    all = await readDashboard("linkerd-applications", {}, source);
    web = await readDashboard("linkerd-applications", { kind: "deployment", workload: ["web"] }, source);
  });

  test("every workload has a row with its true rate, and its probes and scrapes are not in it", () => {
    expect(all(TABLE, REQUESTS)).toEqual({
      "edge deployment ingress": 20,
      "shop deployment web": 20,
      "shop deployment carts": 10,
      // 8 of web, and 1 of migrate.
      "shop statefulset catalog": 9,
      // Nine workloads with 1 request and 0.2 retries per second each.
      "shop deployment orders": 10.8,
      "shop deployment stock": 10.8,
      "shop deployment prices": 9,
      "shop k8s_job migrate": 0.5,
      "shop replicaset mirror": 0.5,
      "shop replicationcontroller ancient": 0.5,
      "shop pod debug": 0.5,
      // It had requests until 8 minutes ago. The row of forgotten, which had some 50 minutes ago, has no rate.
      "shop deployment paused": 0,
      "billing deployment payments": 2,
      // 4 of agent, and 1 of report.
      "billing deployment invoices": 5,
      "billing daemonset agent": 1,
      // The pods of one CronJob know their owner, those of the other only their Job.
      "billing cronjob backup": 0.5,
      "billing batch_kubernetes_io_job_name report-29000003": 0.5,
      "linkerd deployment linkerd-destination": 0.2,
    });
  });

  test("an application that fails every request has 0 % success, and one without requests has none", () => {
    const success = all(TABLE, SUCCESS);
    expect(success["billing deployment payments"]).toBe(0);
    expect(success["shop deployment web"]).toBe(0.99);
    // 0.95 of the 8 calls of web and the 1 of migrate: 8.6 of 9.
    expect(success["shop statefulset catalog"]).toBe(0.955556);
    // Of 1.2 attempts, 0.1 have a timeout and no response, 0.1 fail twice and 0.1 fail once: 0.8 of 1.1.
    expect(success["shop deployment orders"]).toBe(0.727273);
    expect(success["shop deployment paused"]).toBeUndefined();
    expect(Object.keys(success).length).toBe(17);
    const failures = all(TABLE, FAILURES);
    for (const [row, share] of Object.entries(success)) expect(failures[row], row).toBeCloseTo(1 - share, 5);
    expect(Object.keys(failures).length).toBe(17);
  });

  test("latencies are those of the buckets", () => {
    // FAST: half up to 10 ms, the 95th percentile in the middle of 20 to 30 ms, the 99th at nine tenths.
    const quantiles = (row: string) => [P50, P95, P99].map((column) => all(TABLE, column)[row]);
    expect(quantiles("shop deployment web")).toEqual([10, 25, 29]);
    // EVEN: all from 200 to 300 ms.
    expect(quantiles("billing deployment payments")).toEqual([250, 295, 299]);
    // SLOW: one tenth from 1 to 2 s, of which the 95th percentile is the middle.
    expect(quantiles("shop deployment carts")).toEqual([10, 1500, 1900]);
    expect(quantiles("shop deployment paused")).toEqual([undefined, undefined, undefined]);
  });

  test("mTLS is 0 for workloads that only unmeshed pods call, and 1 for the others", () => {
    const unmeshed = Object.entries(all(TABLE, MTLS)).filter(([, share]) => share !== 1);
    expect(unmeshed.sort()).toEqual([
      ["billing daemonset agent", 0],
      ["edge deployment ingress", 0],
      ["shop pod debug", 0],
    ]);
  });

  test("CPU and memory are those of the application's containers, also without requests", () => {
    // 0.1 cores and 100 MB for each pod, which two of web are.
    expect(all(TABLE, CPU)).toMatchObject({
      "shop deployment web": 0.2,
      "shop deployment forgotten": 0.1,
      "billing statefulset cache": 0.1,
      "mail deployment relay": 0.1,
      "billing batch_kubernetes_io_job_name report-29000003": 0.1,
    });
    expect(all(TABLE, MEMORY)).toMatchObject({ "shop deployment web": 2e8, "mail deployment relay": 1e8 });
  });

  test("failed renewals of certificates are counted where they happen", () => {
    const failing = Object.entries(all(TABLE, ERRORS)).filter(([, count]) => count > 0);
    // 6 per hour, in 2 minutes.
    expect(failing).toEqual([["billing deployment payments", 0.2]]);
  });

  test("the golden signals are those of the selected workload", () => {
    expect(web("Golden signals / Success rate")).toEqual({ success: 0.99 });
    expect(web("Golden signals / Requests")).toEqual({ requests: 20 });
    expect(web("Golden signals / Responses by status")).toEqual({ "2xx success": 19.8, "5xx failure": 0.2 });
    expect(web("Golden signals / Latency")).toEqual({ p50: 10, p95: 25, p99: 29 });
    expect(web("Golden signals / Within 1 s")).toEqual({ "within 1 s": 1 });
  });

  test("the golden signals of all workloads are sums over all responses, not means of rates", () => {
    // Responses per second: 100.8 requests, and 9 * 2 * 0.1 timeouts have none: 99.
    // Failures: web and ingress 0.2 each, catalog 0.4, payments 2, orders and stock 9 * 0.3 each: 8.2.
    expect(all("Golden signals / Requests")).toEqual({ requests: 100.8 });
    expect(all("Golden signals / Success rate")).toEqual({ success: Number((1 - 8.2 / 99).toPrecision(6)) });
    // gRPC: catalog 0.4 and stock 2.7 fail with the HTTP status 200.
    expect(all("Golden signals / Responses by status")).toEqual({
      "2xx success": 90.8,
      "2xx failure": 3.1,
      "5xx failure": 5.1,
    });
    // 1 of the 10 responses per second of carts takes longer.
    expect(all("Golden signals / Within 1 s")).toEqual({ "within 1 s": Number((98 / 99).toPrecision(6)) });
  });

  test("callers are named by their ServiceAccount, and unmeshed ones by the reason", () => {
    expect(web("By caller / Callers", "A")).toEqual({ "ingress.edge": 20 });
    expect(web("By caller / Success by caller")).toEqual({ "ingress.edge": 0.99 });
    const callers = all("By caller / Requests by caller");
    // 20 of ingress, and the workloads that only crawler calls: agent 1, debug 0.5.
    expect(callers["unmeshed (no_tls_from_remote)"]).toBe(21.5);
    // carts 10, catalog 8, payments 2, migrate, mirror and ancient 0.5 each, orders and stock 1.2 each, prices 1.
    expect(callers["web.shop"]).toBe(24.9);
    // A denied caller is not a caller.
    expect(callers["stranger.outside"]).toBeUndefined();
  });

  test("dependencies are Services and workloads with the success that the caller sees", () => {
    const known = {
      ...{ "carts.shop": 10, "catalog.shop": 8, "payments.billing": 2, "paused.shop": 0, "prices.shop": 1 },
      ...{
        "migrate.shop": 0.5,
        "mirror.shop": 0.5,
        "ancient.shop": 0.5,
        "orders.shop": 1.2,
        "stock.shop": 1.2,
      },
    };
    // A host and an address outside: neither has a workload.
    // The Services of the shop have the names of their workloads.
    const rows = Object.entries(known).map(([name, requests]) => [`${name} ${name}`, requests]);
    expect(web("Called by it / Dependencies", "A")).toEqual({
      ...Object.fromEntries(rows),
      ...{ "api.example.com": 3, "203.0.113.20:80": 1 },
    });
    // Of 1.2 attempts, 0.8 succeed: for the caller, a timeout is a failure.
    expect(web("Called by it / Dependencies", "B")).toMatchObject({
      "carts.shop carts.shop": 1,
      "payments.billing payments.billing": 0,
      "orders.shop orders.shop": 0.666667,
      "catalog.shop catalog.shop": 0.95,
    });
    expect(web("Called by it / Dependencies", "C")).toMatchObject({
      "carts.shop carts.shop": 1500,
      "payments.billing payments.billing": 295,
    });
    // Two pods of web, and two of carts and catalog.
    expect(web("Called by it / Endpoints")).toMatchObject({
      ...{
        "carts.shop ready": 4,
        "carts.shop pending": 0,
        "catalog.shop ready": 4,
        "payments.billing ready": 2,
      },
    });
  });

  test("routes have requests, timeouts, retries and backends", () => {
    expect(web("By route / Received, by route")).toEqual({
      "web-http default success": 19.8,
      "web-http default failure": 0.2,
    });
    expect(web("By route / Sent, by route and status")).toMatchObject({
      ...{ "carts.shop carts-read 200": 10, "payments.billing http 500": 2 },
      ...{
        "orders.shop orders-read 200": 0.8,
        "orders.shop orders-read 503": 0.1,
        "orders.shop orders-read ": 0.1,
      },
      ...{ "stock.shop stock-list OK": 0.8, "stock.shop stock-list UNAVAILABLE": 0.1 },
      ...{ "catalog.shop grpc OK": 7.6, "catalog.shop grpc UNAVAILABLE": 0.4 },
    });
    // SLOW: one tenth takes more than a second.
    expect(web("By route / Sent, within 500 ms")).toMatchObject({ "carts.shop carts-read": 0.9 });
    expect(web("By route / Timeouts and other errors")).toEqual({
      "orders.shop orders-read REQUEST_TIMEOUT": 0.1,
      "stock.shop stock-list REQUEST_TIMEOUT": 0.1,
    });
    expect(web("By route / Retries")).toMatchObject({
      ...{ "orders.shop orders-read requests": 0.2, "stock.shop stock-list requests": 0.2 },
      ...{ "orders.shop orders-read successes": 0.1, "stock.shop stock-list successes": 0.1 },
      ...{ "orders.shop orders-read limit_exceeded": 0.1, "stock.shop stock-list limit_exceeded": 0.1 },
      "carts.shop carts-read requests": 0,
    });
    expect(web("By route / Backends")).toMatchObject({
      ...{ "carts.shop carts-read to carts.shop": 10, "orders.shop orders-read to orders.shop": 1.2 },
    });
    expect(web("By route / ServiceProfiles", "A")).toEqual({
      "prices.shop.svc.cluster.local:80 GET /prices": 1,
    });
    expect(web("By route / ServiceProfiles", "B")).toEqual({
      "prices.shop.svc.cluster.local:80 GET /prices": 1,
    });
  });

  test("a connection counts once, and the connections of scrapes do not count", async () => {
    // Two pods of web, each with a connection of ingress, and of stranger and crawler, who are denied by request.
    expect(web("TCP / Open connections", "A")).toEqual({ "accepted on 8080": 6 });
    const cache = await readDashboard("linkerd-statefulset", { statefulset: ["cache"] }, source);
    // 2 of invoices, and 0.5 of each of nine workloads; open: 4, and 2 of each; bytes: 1000, and 100 of each.
    expect(cache("TCP / Open connections", "A")).toEqual({ "accepted on 6379": 22 });
    expect(cache("TCP / New connections", "A")).toEqual({ "accepted on 6379": 6.5 });
    // A tenth ends with an error.
    expect(cache("TCP / Closed connections", "A")).toEqual({
      "accepted ": 5.85,
      "accepted ECONNRESET": 0.65,
    });
    expect(cache("TCP / Received", "A")).toEqual({ "on 6379": 1900 });
    expect(cache("TCP / Sent", "A")).toEqual({ "on 6379": 3800 });
    expect(web("TCP / Sent", "B")).toMatchObject({ "to cache.billing": 100 });
  });

  test("denied callers are named, with the Server that denies them", () => {
    expect(web("Policy / Denied")).toEqual({
      "web-http from stranger.outside": 0.5,
      "web-http from unmeshed (no_tls_from_remote)": 0.1,
    });
    // 0.5 and 0.1 per second in 2 minutes.
    expect(web("Policy / Denied callers")).toEqual({
      "shop server web-http 8080 stranger.outside": 60,
      "shop server web-http 8080 unmeshed (no_tls_from_remote)": 12,
    });
  });

  test("saturation shows the application and its proxy apart, for the selected pods only", () => {
    expect(web("Saturation / CPU")).toEqual({ application: 0.2, proxy: 0.02 });
    expect(web("Saturation / Memory")).toEqual({ application: 2e8, proxy: 4e7 });
    // 1 and 0.5 of 10 periods.
    expect(web("Saturation / CPU throttling")).toEqual({ application: 0.1, proxy: 0.05 });
  });
});
