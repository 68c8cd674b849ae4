/** The numbers of *Mesh health*. Each is worked out by hand from the facts of the shop, in the comment beside it. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Series } from "../../support/metrics/history.ts";
import { RESTART, START } from "../../support/metrics/shop/facts.ts";
import { shop } from "../../support/metrics/shop/index.ts";
import { ROLLOUT } from "../../support/metrics/shop/workloads.ts";
import { type ReadPanel, readDashboard } from "./panel-values.ts";

describe.each([
  ["edge-26.8.3", "viz"],
  ["edge-26.8.3", "operator"],
  ["edge-26.8.3", "federated"],
  ["2.20", "viz"],
] as const)("with the metrics of %s and the labels of %s", (...source) => {
  let read: ReadPanel;
  beforeAll(async () => {
    read = await readDashboard("linkerd-mesh-health", {}, source);
  });

  test("certificates show how long they are valid", () => {
    // The proxy of newcomer.
    expect(read("Identity and certificates / Proxies without identity")).toEqual({ proxies: 1 });
    // 24 hours, less the hour before the history and its 70 minutes.
    expect(read("Identity and certificates / First proxy certificate expires in")).toEqual({
      first: 86_400 - 130 * 60,
    });
    expect(read("Identity and certificates / Issuer expires in")).toEqual({ issuer: 3_153_500_000 });
    // 6 failures per hour, in 2 minutes.
    expect(read("Identity and certificates / Renewals of proxies' certificates")).toEqual({
      ok: 0,
      error: 0.2,
    });
    const certificates = read("Identity and certificates / Certificates of the installation");
    expect(Object.keys(certificates).length).toBe(7);
    expect(certificates).toMatchObject({ tap: 60 * 86_400, "trust-anchor": 36_500 * 86_400 });
  });

  test("proxies are counted by version", () => {
    // Two pods of agent have an older proxy. The label `version` of the pods of carts is not a version of a proxy.
    const versions = Object.values(read("Proxies / Versions")).sort((one, other) => one - other);
    expect(versions).toEqual([2, 29]);
    expect(read("Proxies / Proxies")).toEqual({ proxies: 31 });
    // 0.01 cores and 20 MB each: 16 in shop, 3 in linkerd.
    expect(read("Proxies / CPU of proxies")).toMatchObject({ shop: 0.16, linkerd: 0.03 });
    expect(read("Proxies / Memory of proxies")).toMatchObject({ shop: 3.2e8, mail: 2e7 });
  });

  test("injection shows what the injector and the API server did in 2 minutes", () => {
    expect(read("Injection / Admitted without a proxy")).toEqual({ "Admitted without a proxy": 0.4 });
    expect(read("Injection / Refused pods")).toEqual({ "Refused pods": 0.2 });
    expect(read("Injection / Label policy errors")).toEqual({ "Label policy errors": 0.2 });
    expect(read("Injection / Injections")).toEqual({ shop: 2 });
    // The pods in outside, which nobody requested to inject, are not counted.
    expect(read("Injection / Skipped injections")).toEqual({ "shop host_network_enabled": 1 });
    const unmeshed = Object.keys(read("Injection / Pods without a proxy"));
    expect(unmeshed.sort()).toEqual([
      expect.stringMatching(/^outside crawler-/),
      expect.stringMatching(/^shop legacy-/),
      // viz has no kube-state-metrics, which reports that this is the pod of a Job.
      ...(source[1] === "viz" ? [expect.stringMatching(/^shop unmeshed-job-/)] : []),
    ]);
  });

  test("the control plane is shown as the proxies see it", () => {
    // 31 proxies with 0.1 calls per second each.
    expect(read("Control plane / Calls")).toEqual({ destination: 3.1, identity: 3.1, policy: 3.1 });
    expect(read("Control plane / Failed calls")).toEqual({ destination: 0, identity: 0, policy: 0.1 });
    // Each call takes 10 ms.
    expect(read("Control plane / Latency of calls")).toEqual({ destination: 10, identity: 10, policy: 10 });
    // 0.01 per second, since the controller started two hours before the history of 70 minutes: 0.6 * 190.
    expect(read("Control plane / Dropped updates")).toEqual({
      endpoint: 114,
      endpoint_profile: 0,
      profile: 0,
    });
    // Each change takes half a second. The policy controller does not measure it.
    expect(read("Control plane / Delay of changes")).toEqual({
      ...{ destination: 0.5, identity: 0.5, "proxy-injector": 0.5, "sp-validator": 0.5 },
    });
  });

  test("what Prometheus does not see is shown", () => {
    expect(read("Scraping / Targets that answer")).toEqual({
      ...{ proxies: 31, destination: 1, identity: 1, policy: 1, "proxy-injector": 1, "sp-validator": 1 },
    });
    // The proxy of hung.
    expect(read("Scraping / Targets that do not answer")).toEqual({ proxies: 1, controllers: 0 });
    const [unseen, ...others] = Object.keys(read("Scraping / Proxies that are not scraped"));
    expect(unseen).toMatch(/^shop unseen-/);
    expect(others).toEqual([]);
    expect(read("Scraping / Denied scrapes")).toEqual({
      "edge from unmeshed (no_tls_from_remote)": 0.1,
      "edge from prometheus.monitoring": 0.1,
    });
    // The scrape of hung takes 10 seconds. Controllers answer in 0.05.
    expect(read("Scraping / Slowest scrape")).toEqual({ proxies: 10, controllers: 0.05 });
    const { series } = shop(source[0], source[1]);
    expect(read("Scraping / Samples of the largest target")).toEqual({
      proxies: countLargest(series.filter(({ labels }) => labels.control_plane_ns !== undefined)),
      controllers: countLargest(series.filter(({ labels }) => /linkerd-controller$/.test(labels.job ?? ""))),
    });
    expect(read("Scraping / Series in memory")).toEqual({ series: 10_000 });
  });
});

/** The number of series of the target that has most, without the five that Prometheus adds to each. */
function countLargest(series: readonly Series[]): number {
  const counts = new Map<string, number>();
  for (const { labels } of series) {
    const target = labels.instance ?? "";
    counts.set(target, (counts.get(target) ?? 0) + 1);
  }
  return Math.max(...counts.values()) - 5;
}

test("a proxy that starts again in its pod is a restart, and a new pod is none", async () => {
  const readAt = (minute: number) =>
    readDashboard("linkerd-mesh-health", {}, ["edge-26.8.3", "viz"], START + minute * 60);
  const path = "Proxies / Restarts";
  // A minute after the two proxies of carts restart, and a minute after new pods of web start.
  expect((await readAt(RESTART.minute + 1))(path)).toMatchObject({ shop: 2, billing: 0, linkerd: 0 });
  expect((await readAt(ROLLOUT + 1))(path)).toMatchObject({ shop: 0, billing: 0, linkerd: 0 });
});

test("controllers that viz's Prometheus of 2.19 does not scrape are 0 targets, and their panels have no data", async () => {
  const read = await readDashboard("linkerd-mesh-health", {}, ["2.19", "viz"]);
  expect(read("Scraping / Targets that answer")).toMatchObject({ proxies: 31, identity: 0, destination: 0 });
  expect(read("Identity and certificates / Issuer expires in")).toEqual({});
  expect(read("Injection / Injections")).toEqual({});
  // What proxies and the API server export is there.
  expect(read("Control plane / Calls")).toEqual({ destination: 3.1, identity: 3.1, policy: 3.1 });
  expect(read("Injection / Admitted without a proxy")).toEqual({ "Admitted without a proxy": 0.4 });
});
