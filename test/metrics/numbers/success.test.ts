/** Success, in the panels that `applications.test.ts` does not read. Each number is worked out by hand. */
import { expect, test } from "vitest";
import { readDashboard } from "./panel-values.ts";

test("all panels about callers and dependencies have the success of each", async () => {
  const web = await readDashboard("linkerd-deployment", { deployment: ["web"] });
  // 1 % of the requests of ingress fail.
  expect(web("By caller / Callers", "B")).toEqual({ "ingress.edge": 0.99 });
  // 5 % of the calls of catalog, and all of payments. Of 1.2 attempts at orders, 0.8 succeed.
  const success = {
    ...{ "carts.shop": 1, "catalog.shop": 0.95, "payments.billing": 0, "orders.shop": 0.666667 },
  };
  const rows = Object.fromEntries(Object.entries(success).map(([name, rate]) => [`${name} ${name}`, rate]));
  expect(web("Called by it / Dependencies", "B")).toMatchObject(rows);
  expect(web("Called by it / Success by Service")).toMatchObject(success);
});

test("a workload without requests has no success rate and no latency, and is not at 0 %", async () => {
  const paused = await readDashboard("linkerd-deployment", { deployment: ["paused"] });
  expect(paused("Golden signals / Requests")).toEqual({ requests: 0 });
  expect(paused("Golden signals / Success rate")).toEqual({});
  expect(paused("Golden signals / Within 1 s")).toEqual({});
  expect(paused("Golden signals / Latency")).toEqual({});
});
