/**
 * A Prometheus with the configuration that the release put into the cluster discovers its targets in the API server. Every scrape
 * goes to a forward proxy on loopback, which answers as the proxies of the shop do.
 */
import type { V1Pod } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { controllersUp } from "../../../components/observability/promql/mesh/scraping.ts";
import { scrapeConfig } from "../../../components/observability/scraping/scrape-config.ts";
import { keptMetrics } from "../../../components/observability/series/keep-list.ts";
import { provideSeveralVersions } from "../../support/charts.ts";
import { list } from "../../support/cluster.ts";
import type { Labels } from "../../support/metrics/history.ts";
import type { Prometheus } from "../../support/metrics/prometheus.ts";
import { hasRecordings, readScrapedLabels } from "../../support/metrics/recordings/recordings.ts";
import { labelProxy } from "../../support/metrics/shop/styles.ts";
import { describePod } from "../../support/scrapes/exposition.ts";
import { type ForwardProxy, startForwardProxy } from "../../support/scrapes/forward-proxy.ts";
import {
  findApiServerPort,
  listTargets,
  obtainPrometheus,
  type PrometheusConfig,
  readReleasedConfig,
  startInSandbox,
} from "../../support/scrapes/live-prometheus.ts";
import { waitFor } from "../../support/scrapes/run-pods.ts";
import {
  ADDRESSES,
  API_SERVER,
  BATCH,
  createAnswers,
  createScrapedPods,
  deleteScrapedPods,
  HIDING,
  RUNNING,
  SHOP,
} from "../../support/scrapes/scraped-cluster.ts";
import { type SocketWatch, watchSockets } from "../../support/scrapes/sockets.ts";
import { openMesh } from "../../support/stack.ts";

const CONTROLLERS = ["destination", "identity", "policy", "proxy-injector", "sp-validator"];
const VIZ = ["metrics-api", "prometheus", "tap", "tap-injector", "web"];

const { directory: chartSource, versions } = provideSeveralVersions();
const openVersion = (chartVersion: string | undefined) =>
  openMesh("scrapes", {
    clusterNetworks: ["127.0.0.0/8"],
    chartSource,
    chartVersion,
  });

let stack: Stack;
beforeAll(async () => {
  await obtainPrometheus();
  stack = await openVersion(versions[0]);
  await stack.up();
  await createScrapedPods();
}, 1_800_000);
afterAll(async () => {
  // The namespace controller waits for the API of tap, which nothing serves here.
  await stack.destroy();
  await deleteScrapedPods();
});

interface Scraping {
  readonly prometheus: Prometheus;
  readonly proxy: ForwardProxy;
  readonly watch: SocketWatch;
}

/** Starts Prometheus, and waits until it has scraped every pod that it must find, and the API server. */
async function scrape(config: PrometheusConfig): Promise<Scraping> {
  const proxy = await startForwardProxy(createAnswers(), { [API_SERVER]: findApiServerPort() });
  const prometheus = await startInSandbox({ config, proxyUrl: proxy.url });
  const scraping = { prometheus, proxy, watch: watchSockets(prometheus.pid) };
  try {
    await waitFor("an answer of every target", async () => {
      const targets = await listTargets(prometheus);
      const health = new Map(targets.map(({ scrapeUrl, health }) => [new URL(scrapeUrl).host, health]));
      const pods = [...SHOP.map(({ ip }) => ip), ...Object.values(RUNNING)].map((ip) => `${ip}:4191`);
      return [...pods, API_SERVER].every((host) => health.get(host) === "up") || undefined;
    });
  } catch (error) {
    await stop(scraping);
    throw error;
  }
  return scraping;
}

async function stop(scraping: Scraping | undefined): Promise<void> {
  scraping?.watch.stop();
  await scraping?.prometheus.stop();
  await scraping?.proxy.close();
}

/** Labels as a sorted text. */
const format = (labels: Labels) => JSON.stringify(Object.entries(labels).sort());

/** The components of the controllers that are scraped and answer. */
async function findComponents({ prometheus }: Scraping): Promise<string[]> {
  const targets = (await listTargets(prometheus)).filter(({ labels }) => labels.job === "linkerd-controller");
  expect(targets.filter(({ health }) => health !== "up")).toEqual([]);
  return [...new Set(targets.map(({ labels }) => labels.component ?? ""))].sort();
}

describe("with the chart of Linkerd 2.19", () => {
  let scraping: Scraping;
  beforeAll(async () => {
    scraping = await scrape(await readReleasedConfig());
  });
  afterAll(() => stop(scraping));

  test("viz's Prometheus scrapes the control plane, which its chart leaves out", async () => {
    expect(await findComponents(scraping)).toEqual([...CONTROLLERS, ...VIZ].sort());
  });

  test("the controllers have the labels that they have in later versions", async () => {
    const targets = await listTargets(scraping.prometheus, "linkerd-control-plane");
    expect(targets.map(({ labels }) => Object.keys(labels).sort())).toEqual(
      targets.map(() => ["component", "instance", "job"]),
    );
    for (const component of CONTROLLERS) {
      const [sample] = (await scraping.prometheus.query(controllersUp(component as never), Date.now() / 1000))
        .samples;
      expect(sample?.points[0]?.[1], component).toBeGreaterThan(0);
    }
  });
});

describe("with the current chart", () => {
  let released: PrometheusConfig;
  beforeAll(async () => {
    stack = await openVersion(versions.at(-1));
    await stack.up();
    released = await readReleasedConfig();
  });

  describe.for(["viz", "external"] as const)("the configuration of the Prometheus of kind %s", (kind) => {
    let scraping: Scraping;
    beforeAll(async () => {
      const external = parse(scrapeConfig({ controlPlane: "linkerd", viz: "linkerd-viz" }));
      scraping = await scrape(kind === "viz" ? released : external);
    });
    afterAll(() => stop(scraping));

    test("finds every meshed pod that runs, and no other", async () => {
      const pods = (await list<V1Pod>("v1", "Pod")).filter(({ metadata, spec, status }) => {
        const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
        const meshed =
          containers.some(({ name }) => name === "linkerd-proxy") &&
          metadata?.labels?.["linkerd.io/control-plane-ns"] === "linkerd";
        return meshed && status?.phase !== "Succeeded";
      });
      const targets = await listTargets(scraping.prometheus, "linkerd-proxy");
      const expected = pods.map(({ status }) => `http://${status?.podIP}:4191/metrics`);
      expect(targets.map(({ scrapeUrl }) => scrapeUrl).sort()).toEqual(expected.sort());
      expect(expected).not.toContain(`http://${ADDRESSES.finished}:4191/metrics`);
      expect(expected.length).toBeGreaterThan(SHOP.length + 4);
    });

    test("gives the pods of the shop the labels that the tests of the dashboards assume", async () => {
      const targets = new Map(
        (await listTargets(scraping.prometheus, "linkerd-proxy")).map(({ labels }) => [
          labels.instance,
          labels,
        ]),
      );
      for (const pod of SHOP) {
        const expected = labelProxy(pod, "viz");
        expect(targets.get(expected.instance ?? ""), pod.name).toEqual(expected);
      }
    });

    test("gives the series of the shop the labels that the tests of the dashboards assume, and keeps those that queries read", async () => {
      const kept = new Set(keptMetrics());
      for (const pod of SHOP) {
        const expected = describePod(pod, "edge-26.8.3").filter(
          ({ name, labels: { srv_port, route_name, le = "" } }) =>
            kept.has(name) &&
            !(/^(request|response)_/.test(name) && (srv_port === "4191" || route_name === "probe")) &&
            // Of the buckets, those of 1, 2 and 5 times each power of ten.
            !(name.endsWith("latency_ms_bucket") && /^[34]0*$/.test(le)),
        );
        const series = await scraping.prometheus.series(`{job="linkerd-proxy",instance="${pod.ip}:4191"}`);
        const found = series.filter(({ __name__ = "" }) => !/^(up|scrape_)/.test(__name__));
        const actual = new Set(found.map(format));
        const wanted = new Set(
          expected.map(({ name, labels }) => format({ __name__: name, ...labels, ...withBound(labels) })),
        );
        expect([...wanted].filter((one) => !actual.has(one)).slice(0, 3), `${pod.name} lacks`).toEqual([]);
        expect([...actual].filter((one) => !wanted.has(one)).slice(0, 3), `${pod.name} has besides`).toEqual(
          [],
        );
        expect(wanted.size).toBeGreaterThan(20);
      }
    });

    test("names the Job of a pod, and of a CronJob that the injector did not know", async () => {
      const targets = await listTargets(scraping.prometheus, "linkerd-proxy");
      const labelsOf = (ip: string) => targets.find(({ labels }) => labels.instance === `${ip}:4191`)?.labels;
      const place = {
        job: "linkerd-proxy",
        namespace: BATCH,
        workload_ns: BATCH,
        control_plane_ns: "linkerd",
      };
      expect(labelsOf(ADDRESSES.job)).toMatchObject({
        ...place,
        k8s_job: "load",
        batch_kubernetes_io_job_name: "load",
      });
      const ofCronJob = labelsOf(ADDRESSES.cronJob);
      expect(ofCronJob).toMatchObject({ ...place, batch_kubernetes_io_job_name: "report-1" });
      expect(Object.keys(ofCronJob ?? {}).filter((label) => /^(cronjob|k8s_job)$/.test(label))).toEqual([]);
    });

    test("keeps the labels of a proxy whose pod has labels of the same name", async () => {
      const [series] = await scraping.prometheus.series(`request_total{instance="${ADDRESSES.hiding}:4191"}`);
      expect(series).toMatchObject({ direction: "inbound", tls: "true", srv_port: "8080", app: HIDING.app });
      expect(Object.keys(series ?? {}).filter((label) => label.startsWith("exported_"))).toEqual([]);
    });

    test("scrapes the controllers, and does not take a pod with the label component for one", async () => {
      expect(await findComponents(scraping)).toEqual([...CONTROLLERS, ...VIZ].sort());
      const { samples } = await scraping.prometheus.query(controllersUp("destination"), Date.now() / 1000);
      expect(samples[0]?.points[0]?.[1]).toBe(1);
    });

    test("scrapes every API server at its own address, and keeps what queries read", async () => {
      const [target, ...others] = await listTargets(scraping.prometheus, "linkerd-api-server");
      expect(others).toEqual([]);
      expect(target).toMatchObject({
        scrapeUrl: `https://${API_SERVER}/metrics`,
        health: "up",
        lastError: "",
      });
      const series = await scraping.prometheus.series('{job="linkerd-api-server"}');
      const names = new Set(
        series.map(({ __name__ = "" }) => __name__).filter((name) => !/^(up|scrape_)/.test(name)),
      );
      expect([...names].filter((name) => !keptMetrics().includes(name))).toEqual([]);
      expect(names).toContain("apiserver_admission_webhook_fail_open_count");
    });

    test.skipIf(!hasRecordings())(
      "gives the series of a real proxy the labels that a real viz gave them",
      async () => {
        const recorded = readScrapedLabels();
        const series = await scraping.prometheus.series(
          `{job="linkerd-proxy",instance="${ADDRESSES.recorded}:4191"}`,
        );
        const unknown = series.flatMap(({ __name__ = "", ...labels }) =>
          Object.keys(labels)
            .filter((label) => recorded.get(__name__)?.has(label) !== true)
            .map((label) => `${__name__} ${label}`),
        );
        expect(unknown).toEqual([]);
        expect(series.length).toBeGreaterThan(100);
      },
    );

    test("every scrape goes through the forward proxy, and Prometheus opens connections to loopback only", async () => {
      const targets = await listTargets(scraping.prometheus);
      const origins = targets.map(({ scrapeUrl }) => {
        const { origin, host, protocol } = new URL(scrapeUrl);
        return protocol === "https:" ? (host.includes(":") ? host : `${host}:443`) : origin;
      });
      expect(origins.filter((origin) => !scraping.proxy.origins.has(origin))).toEqual([]);
      const addresses = [...scraping.watch.addresses];
      expect(addresses).not.toEqual([]);
      expect(addresses.filter((address) => !address.startsWith("127."))).toEqual([]);
    });
  });

  test("an external Prometheus keeps its own labels where a pod has labels of the same name", async () => {
    const scraping = await scrape(parse(scrapeConfig({ controlPlane: "linkerd", viz: "linkerd-viz" })));
    try {
      const targets = await listTargets(scraping.prometheus, "linkerd-proxy");
      const target = targets.find(({ scrapeUrl }) => scrapeUrl.includes(ADDRESSES.misplaced));
      expect(target?.labels).toEqual({
        ...{ app: "misplaced", job: "linkerd-proxy", instance: `${ADDRESSES.misplaced}:4191` },
        ...{ namespace: BATCH, pod: "misplaced", workload_ns: BATCH, control_plane_ns: "linkerd" },
      });
    } finally {
      await stop(scraping);
    }
  });
});

/** Prometheus 3 writes an integer bound with a fraction. */
function withBound({ le }: Labels): Labels {
  return le === undefined ? {} : { le: /^\d+$/.test(le) ? `${le}.0` : le };
}
