/** Every query of every panel, as Grafana sends it. No panel is empty, and no exception is listed. */
import { afterAll, describe, expect, test } from "vitest";
import { DASHBOARDS, findDashboard, listProblems } from "../support/metrics/grafana/report.ts";
import type { Selection } from "../support/metrics/grafana/variables.ts";
import { walkDashboard } from "../support/metrics/grafana/walk.ts";
import { startShop } from "../support/metrics/servers.ts";
import { NOW, SCRAPE_INTERVAL } from "../support/metrics/shop/facts.ts";
import type { Format, LabelStyle } from "../support/metrics/shop/index.ts";

/** An hour, on a screen on which two points are as far apart as two scrapes. */
const TIME = { range: 3600, interval: SCRAPE_INTERVAL, scrapeInterval: SCRAPE_INTERVAL };

let queries = 0;
afterAll(() => console.log(`${queries} queries of panels, each with an answer`));

async function walk(format: Format, style: LabelStyle, uid: string, selection: Selection) {
  const api = await startShop(format, style);
  const walked = await walkDashboard(findDashboard(uid), { api, now: NOW, time: TIME, selection });
  queries += walked.asked.length;
  return walked;
}

/** For each kind of the dashboard, one workload that does everything, and another one. */
const WORKLOADS: Readonly<Record<string, readonly [string, string?]>> = {
  namespace: ["shop", "billing"],
  deployment: ["web", "invoices"],
  statefulset: ["catalog", "cache"],
  daemonset: ["agent"],
  replicaset: ["mirror"],
  replicationcontroller: ["ancient"],
  k8s_job: ["migrate"],
  cronjob: ["backup"],
  batch_kubernetes_io_job_name: ["report-29000003", "migrate"],
  pod: ["debug", "catalog-0"],
};

const KINDS: readonly Selection[] = Object.entries(WORKLOADS).flatMap(([kind, [one, other]]) => [
  { kind },
  { kind, workload: [one] },
  ...(other === undefined ? [] : [{ kind, workload: [one, other] }]),
]);

const NAMESPACES: readonly Selection[] = [{}, { namespace: ["shop"] }, { namespace: ["shop", "billing"] }];

test("the kinds of this test are those of the dashboard", () => {
  const kinds = findDashboard("linkerd-applications").templating.list.find(({ name }) => name === "kind");
  expect(kinds?.options?.map(({ value }) => value)).toEqual(Object.keys(WORKLOADS));
});

test.each([...KINDS, ...NAMESPACES])(
  "every panel of Applications shows something with %o",
  async (selection) => {
    const { asked } = await walk("edge-26.8.3", "viz", "linkerd-applications", selection);
    expect(listProblems(asked)).toEqual([]);
  },
);

test.each(NAMESPACES)("every panel of Mesh health shows something with %o", async (selection) => {
  const { asked } = await walk("edge-26.8.3", "viz", "linkerd-mesh-health", selection);
  expect(listProblems(asked)).toEqual([]);
});

test.each(DASHBOARDS.map(({ uid }) => uid))("every panel of %s shows something with All", async (uid) => {
  const { asked } = await walk("edge-26.8.3", "viz", uid, {});
  expect(listProblems(asked)).toEqual([]);
});

describe.each([
  ["edge-26.8.3", "operator"],
  ["edge-26.8.3", "federated"],
  ["2.20", "viz"],
] as const)("with the metrics of %s and the labels of %s", (format, style) => {
  test.each([
    ["linkerd-applications", {}],
    ["linkerd-applications", { kind: "deployment", workload: ["web"] }],
    ["linkerd-applications", { kind: "deployment", workload: ["web", "invoices"] }],
    ["linkerd-mesh-health", {}],
    ["linkerd-mesh-health", { namespace: ["shop"] }],
  ] as const)("every panel of %s shows something with %o", async (uid, selection) => {
    const { asked } = await walk(format, style, uid, selection);
    expect(listProblems(asked)).toEqual([]);
  });
});

test("with the metrics of 2.19 in viz, exactly the queries about controllers are empty", async () => {
  const { asked } = await walk("2.19", "viz", "linkerd-mesh-health", {});
  // viz's Prometheus of 2.19 does not scrape the controllers.
  expect(listProblems(asked)).toEqual([
    "linkerd-mesh-health / Identity and certificates / Issuer expires in A: empty",
    "linkerd-mesh-health / Injection / Injections A: empty",
    "linkerd-mesh-health / Injection / Skipped injections A: empty",
    "linkerd-mesh-health / Control plane / Dropped updates A: empty",
    "linkerd-mesh-health / Control plane / Dropped updates B: empty",
    "linkerd-mesh-health / Control plane / Dropped updates C: empty",
    "linkerd-mesh-health / Control plane / Delay of changes A: empty",
    "linkerd-mesh-health / Scraping / Targets that do not answer B: empty",
    "linkerd-mesh-health / Scraping / Slowest scrape B: empty",
    "linkerd-mesh-health / Scraping / Samples of the largest target B: empty",
  ]);
  const applications = await walk("2.19", "viz", "linkerd-applications", {});
  expect(listProblems(applications.asked)).toEqual([]);
});
