/** The history itself: whether Prometheus sees the facts in it, with queries that are written here. */
import { beforeAll, expect, test } from "vitest";
import type { Prometheus } from "../support/metrics/prometheus.ts";
import { startShop } from "../support/metrics/servers.ts";
import { NOW, RESTART, START } from "../support/metrics/shop/facts.ts";

const APPLICATION = 'direction="inbound",srv_port!="4191",route_name!="probe"';

let prometheus: Prometheus;
beforeAll(async () => {
  prometheus = await startShop("edge-26.8.3", "viz");
});

/** The answer to a query, as `label values: value`. */
async function ask(expr: string, time = NOW): Promise<Record<string, number>> {
  const { samples, warnings, infos } = await prometheus.query(expr, time);
  expect([...warnings, ...infos]).toEqual([]);
  return Object.fromEntries(
    samples.map(({ metric, points }) => [
      Object.values(metric).join(" "),
      Number(points[0]?.[1].toPrecision(9)),
    ]),
  );
}

test("each workload has the rate of requests that the facts state", async () => {
  const rates = await ask(
    `sum by (namespace, app, control_plane_component) (rate(request_total{${APPLICATION}}[2m]))`,
  );
  expect(rates).toEqual({
    "ingress edge": 20,
    "web shop": 20,
    "carts shop": 10,
    // 8 of web, and 1 of migrate.
    "catalog shop": 9,
    "mirror shop": 0.5,
    "ancient shop": 0.5,
    "migrate shop": 0.5,
    "debug shop": 0.5,
    // Nine workloads send 1 each, and 0.2 retries to two of the three.
    "orders shop": 10.8,
    "stock shop": 10.8,
    "prices shop": 9,
    "paused shop": 0,
    "payments billing": 2,
    // 4 of agent, and 1 of report.
    "invoices billing": 5,
    "agent billing": 1,
    "report billing": 0.5,
    "backup billing": 0.5,
    "destination linkerd": 0.2,
  });
});

test("an application that fails every request succeeds at its scrapes and probes", async () => {
  const responses = 'response_total{app="payments",direction="inbound"';
  const share = (matchers: string) =>
    `sum(rate(${responses},classification="success"${matchers}}[2m])) / sum(rate(${responses}${matchers}}[2m]))`;
  // 2 failures per second, and 0.2 + 0.2 probes and a scrape every 30 seconds.
  const [all] = Object.values(await ask(share("")));
  expect(all).toBeCloseTo((0.4 + 1 / 30) / (2.4 + 1 / 30));
  expect(await ask(share(',srv_port!="4191",route_name!="probe"'))).toEqual({});
});

test("a restarted proxy counts from 0 again, and no rate is negative", async () => {
  const total = `sum(request_total{${APPLICATION},app="carts"})`;
  const before = await ask(total, START + RESTART.minute * 60 - 30);
  const after = await ask(total, START + RESTART.minute * 60 + 30);
  // 10 requests per second since two hours before the history, then for half a minute.
  expect(before).toEqual({ "": 10 * 60 * (120 + RESTART.minute - 0.5) });
  expect(after).toEqual({ "": 300 });
  expect(await ask(`min(rate(request_total[2m])) < 0`, START + RESTART.minute * 60)).toEqual({});
});

test("pods that have ended are gone at once, as after a scrape", async () => {
  expect(await ask('count(up{deployment="web"})', START + 29 * 60)).toEqual({ "": 2 });
  expect(await ask('count(up{deployment="web"})', START + 30 * 60)).toEqual({ "": 4 });
  expect(await ask('count(up{deployment="web"})', START + 31 * 60)).toEqual({ "": 2 });
});
