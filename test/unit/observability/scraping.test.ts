import { expect, test } from "vitest";
import { parse } from "yaml";
import { proxyLabels, restoreProxyLabels } from "../../../components/observability/scraping/pod-labels.ts";
import {
  scrapeConfig,
  vizMetricRelabelConfigs,
  vizScrapeConfigs,
} from "../../../components/observability/scraping/scrape-config.ts";
import type { ScrapeJob } from "../../../components/observability/scraping/scrape-job.ts";
import { keepRelabelConfigs } from "../../../components/observability/series/keep-list.ts";
import { USED_SERIES } from "../../../components/observability/series/used-series.ts";

const jobsOf = (...namespaces: Parameters<typeof scrapeConfig>) =>
  (parse(scrapeConfig(...namespaces)) as { scrape_configs: ScrapeJob[] }).scrape_configs;

const namespacesOf = (job: ScrapeJob | undefined) => job?.kubernetes_sd_configs[0]?.namespaces?.names;

test("the scrape configuration of an external Prometheus covers the proxies, the controllers and the API server", () => {
  const jobs = jobsOf({ controlPlane: "mesh", viz: "mesh-viz" });
  expect(jobs.map((job) => job.job_name)).toEqual([
    "linkerd-proxy",
    "linkerd-controller",
    "linkerd-api-server",
  ]);
  expect(jobs.map(namespacesOf)).toEqual([undefined, ["mesh", "mesh-viz"], ["default"]]);
  expect(jobs[0]?.relabel_configs).toContainEqual(
    expect.objectContaining({ regex: "linkerd-proxy;linkerd-admin;mesh", action: "keep" }),
  );
});

test("without viz, an external Prometheus looks for controllers in the namespace of the control plane only", () => {
  expect(namespacesOf(jobsOf({ controlPlane: "mesh" })[1])).toEqual(["mesh"]);
});

test("the scrape of the API server keeps every metric of it that a query reads", () => {
  const [job] = vizScrapeConfigs({ controlPlaneNamespace: "linkerd", scrapesControlPlane: true });
  const kept = new RegExp(`^(${job?.metric_relabel_configs?.[0]?.regex})$`);
  const read = Object.keys(USED_SERIES).filter((metric) => metric.startsWith("apiserver_"));
  expect(read.filter((metric) => !kept.test(metric))).toEqual([]);
  expect(kept.test("apiserver_request_total")).toBe(false);
});

test("viz's Prometheus scrapes the control plane in a job of its own only where its chart does not", () => {
  const namesFor = (scrapesControlPlane: boolean) =>
    vizScrapeConfigs({ controlPlaneNamespace: "mesh", scrapesControlPlane }).map((job) => job.job_name);
  expect(namesFor(true)).toEqual(["linkerd-api-server"]);
  expect(namesFor(false)).toEqual(["linkerd-control-plane", "linkerd-api-server"]);
});

test("the labels of proxies are those that queries read, without those that a scrape adds", () => {
  expect(proxyLabels()).toEqual(
    expect.arrayContaining(["direction", "le", "srv_port", "status_code", "tls"]),
  );
  const others = ["component", "deployment", "instance", "job", "k8s_job", "namespace", "pod", "version"];
  expect(proxyLabels().filter((label) => others.includes(label))).toEqual([]);
});

test("viz's Prometheus restores the labels of the proxies before it drops series by them", () => {
  expect(vizMetricRelabelConfigs("used")).toEqual([...restoreProxyLabels(), ...keepRelabelConfigs()]);
  expect(vizMetricRelabelConfigs("all")).toEqual(restoreProxyLabels());
});
