/** Connections that workloads open, and traffic to the admin ports of proxies. Each number is worked out by hand. */
import { beforeAll, expect, test } from "vitest";
import { type ReadPanel, readDashboard } from "./panel-values.ts";

let all: ReadPanel;
let web: ReadPanel;
beforeAll(async () => {
  all = await readDashboard("linkerd-applications");
  web = await readDashboard("linkerd-deployment", { deployment: ["web"] });
});

test("opened connections are those of the caller, with the answers as received bytes", () => {
  // One connection of each of the two pods of web to each pod that it calls, of which carts has two and payments one.
  expect(web("TCP / Open connections", "B")).toMatchObject({
    ...{ "to carts.shop": 4, "to payments.billing": 2, "to 203.0.113.20:80": 2, "to cache.billing": 2 },
  });
  // 0.1 per second of each HTTP connection, and 0.5 to cache.
  expect(web("TCP / New connections", "B")).toMatchObject({
    ...{ "to carts.shop": 0.4, "to payments.billing": 0.2, "to cache.billing": 0.5 },
  });
  // To carts and catalog 4 pairs of pods each, to payments, migrate, mirror, ancient, orders, stock, prices and two
  // addresses outside 2 each: 26 * 0.1. Of 0.5 to cache, a tenth ends with an error: 2.6 + 0.45, and 0.05.
  expect(web("TCP / Closed connections", "B")).toEqual({ "opened ": 3.05, "opened ECONNRESET": 0.05 });
  // 500 bytes per second are sent over each of 4 connections, 100 to cache. The answers are twice as large.
  expect(web("TCP / Sent", "B")).toMatchObject({ "to carts.shop": 2000, "to cache.billing": 100 });
  expect(web("TCP / Received", "B")).toMatchObject({ "from carts.shop": 4000, "from cache.billing": 200 });
});

test("scrapes that a Prometheus with a proxy sends do not count as requests or connections of an application", () => {
  // CALLS by callee. stranger calls nine workloads 0.5 times per second: it sees the answers that deny it.
  const called = {
    ...{
      "web.shop": 20.5,
      "carts.shop": 10,
      "catalog.shop": 9.5,
      "payments.billing": 2,
      "invoices.billing": 5,
    },
    ...{ "mirror.shop": 1, "ancient.shop": 1, "migrate.shop": 1, "debug.shop": 0.5, "paused.shop": 0 },
    ...{ "agent.billing": 0.5, "report.billing": 1, "backup.billing": 1 },
    ...{ "orders.shop": 10.8, "stock.shop": 10.8, "prices.shop": 9, "linkerd-destination.linkerd": 0.2 },
  };
  // The Services of the shop have the names of their workloads.
  const rows = Object.entries(called).map(([name, requests]) => [`${name} ${name}`, requests]);
  expect(all("Called by it / Dependencies", "A")).toEqual({
    ...Object.fromEntries(rows),
    ...{ "api.example.com": 3, "203.0.113.20:80": 1 },
  });
  const opened = Object.keys(all("TCP / Open connections", "B"));
  expect(opened).toContain("to carts.shop");
  expect(opened.filter((legend) => legend.includes("4191"))).toEqual([]);
});

test("denied TCP connections are named like denied requests, and denied scrapes are not among them", async () => {
  const cache = await readDashboard("linkerd-statefulset", { statefulset: ["cache"] });
  // 0.1 per second of invoices, in 2 minutes.
  expect(cache("Policy / Denied")).toEqual({ "all-unauthenticated from invoices.billing": 0.1 });
  expect(cache("Policy / Denied callers")).toEqual({
    "billing default all-unauthenticated 6379 invoices.billing": 12,
  });
  // Only scrapes of ingress are denied.
  const ingress = await readDashboard("linkerd-deployment", { deployment: ["ingress"] });
  expect(ingress("Policy / Denied")).toEqual({});
  expect(ingress("Policy / Denied callers")).toEqual({});
});
