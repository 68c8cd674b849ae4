/** How long requests take, in the panels that `applications.test.ts` does not read. Each number is worked out by hand. */
import { beforeAll, expect, test } from "vitest";
import { type ReadPanel, readDashboard } from "./panel-values.ts";

let web: ReadPanel;
beforeAll(async () => {
  web = await readDashboard("linkerd-deployment", { deployment: ["web"] });
});

test("the 95th percentile is that of the caller, of the workload that answers, and of the route", () => {
  // FAST: one tenth from 20 to 30 ms, of which the 95th percentile is the middle.
  expect(web("By caller / Callers", "C")).toEqual({ "ingress.edge": 25 });
  expect(web("By route / ServiceProfiles", "C")).toEqual({
    "prices.shop.svc.cluster.local:80 GET /prices": 25,
  });
  // SLOW: the middle of 1 to 2 s. EVEN: 95 hundredths of 200 to 300 ms.
  expect(web("Called by it / Dependencies", "C")).toMatchObject({
    "carts.shop carts.shop": 1500,
    "payments.billing payments.billing": 295,
    "catalog.shop catalog.shop": 25,
  });
});

test("the requests in flight are requests per second times seconds", async () => {
  // FAST, each request at the bound of its bucket: 0.5 * 10 + 0.4 * 20 + 0.1 * 30 = 16 ms. 20 per second.
  expect(web("Golden signals / In flight")).toEqual({ requests: 0.32 });
  const carts = await readDashboard("linkerd-deployment", { deployment: ["carts"] });
  // SLOW: 0.5 * 10 + 0.4 * 100 + 0.1 * 2000 = 245 ms. 10 per second.
  expect(carts("Golden signals / In flight")).toEqual({ requests: 2.45 });
});

test("the wait for an endpoint is a mean of requests, whatever their number", () => {
  const waits = web("Called by it / Wait for an endpoint");
  // Each request waits 5 ms: 10 per second of carts, 8 of catalog, 1.2 of orders.
  expect(waits).toMatchObject({ "carts.shop": 0.005, "catalog.shop": 0.005, "orders.shop": 0.005 });
  expect(waits["paused.shop"]).toBeUndefined();
});

test("the share of a route within 500 ms leaves out the requests of up to a second", () => {
  // SLUGGISH: all from 500 ms to 1 s. SLOW: nine tenths within 100 ms, and the last one after a second.
  expect(web("By route / Sent, within 500 ms")).toMatchObject({
    ...{ "mirror.shop http": 0, "carts.shop carts-read": 0.9, "ancient.shop http": 1 },
  });
});
