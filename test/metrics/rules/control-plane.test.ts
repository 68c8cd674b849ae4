import { describe, test } from "vitest";
import { rules } from "../../../components/observability/rules/rules.ts";
import { type FiringAlert, testRules } from "./promtool.ts";

const COMPONENTS = ["destination", "identity", "policy", "proxy-injector"];

describe("MeshControlPlaneCallsFail", () => {
  /** Calls of a proxy that ended, to the address of a controller. */
  const calls = (addr: string, classification: string, pod = "web-1") =>
    `control_response_total{job="linkerd-proxy",namespace="shop",pod="${pod}",control_plane_ns="linkerd",addr="${addr}",classification="${classification}"}`;
  const IDENTITY = "linkerd-identity-headless.linkerd.svc.cluster.local:8080";
  const POLICY = "linkerd-policy.linkerd.svc.cluster.local:8090";

  test("calls to a controller that fail for 10 minutes cause an alert, which resolves", async () => {
    await testRules(rules(), {
      alert: "MeshControlPlaneCallsFail",
      series: {
        [calls(IDENTITY, "success")]: "0+6x60",
        [calls(IDENTITY, "failure")]: "0x10 0+6x20 120x30",
        [calls(POLICY, "success")]: "0+6x60",
      },
      firing: {
        "19m": [],
        "23m": [
          {
            labels: { severity: "critical", controller: "identity" },
            summary: "50% of the calls of proxies to identity fail.",
          },
        ],
        "40m": [],
      },
    });
  });

  test("a restart of a controller, whose streams end as failures within 5 minutes, causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshControlPlaneCallsFail",
      series: { [calls(POLICY, "success")]: "0+6x60", [calls(POLICY, "failure")]: "0x10 0+20x3 60x50" },
      firing: { "13m": [], "18m": [], "21m": [], "25m": [] },
    });
  });

  test("a few failures of one proxy, and a share of failures of 4%, cause no alert", async () => {
    await testRules(rules(), {
      alert: "MeshControlPlaneCallsFail",
      series: {
        [calls(IDENTITY, "failure")]: "0+1x60",
        [calls(POLICY, "success")]: "0+96x60",
        [calls(POLICY, "failure")]: "0+4x60",
      },
      firing: { "20m": [], "40m": [] },
    });
  });
});

describe("MeshControlPlaneAbsent", () => {
  const up = (component: string, labels = 'job="linkerd-controller",instance="a"') =>
    `up{${labels},component="${component}"}`;
  const all = (values: string, labels?: string) =>
    Object.fromEntries(COMPONENTS.map((component) => [up(component, labels), values]));
  const absent = (component: string): FiringAlert => ({
    labels: { severity: "critical", component },
    summary: `No replica of ${component} is scraped.`,
  });

  test("a component without a replica that answers causes an alert after 5 minutes, until one does", async () => {
    await testRules(rules(), {
      alert: "MeshControlPlaneAbsent",
      series: { ...all("1x60"), [up("identity")]: "1x10 0x19 1x30" },
      firing: { "15m": [], "16m": [absent("identity")], "30m": [absent("identity")], "31m": [] },
    });
  });

  test("a Prometheus that does not scrape the control plane reports every component", async () => {
    await testRules(rules(), {
      alert: "MeshControlPlaneAbsent",
      series: {},
      firing: { "4m": [], "6m": COMPONENTS.map(absent) },
    });
  });

  test("a component of which one replica answers, or that restarts within 5 minutes, causes no alert", async () => {
    const operator = 'job="linkerd/linkerd-controller",namespace="linkerd",pod="p",instance="b"';
    await testRules(rules(), {
      alert: "MeshControlPlaneAbsent",
      series: {
        ...all("1x60", operator),
        [up("identity")]: "0x60",
        [up("policy", operator)]: "1x10 0x4 1x46",
      },
      firing: { "10m": [], "14m": [], "20m": [], "40m": [] },
    });
  });

  test("the proxy of a controller that answers does not count as the controller", async () => {
    const proxy =
      'job="linkerd-proxy",namespace="linkerd",pod="p",control_plane_ns="linkerd",control_plane_component="identity"';
    await testRules(rules(), {
      alert: "MeshControlPlaneAbsent",
      series: { ...all("1x60"), [up("identity")]: "0x60", [up("identity", proxy)]: "1x60" },
      firing: { "10m": [absent("identity")] },
    });
  });
});

describe("MeshProxyVersionsMixed", () => {
  const build = (pod: string, labels: string) =>
    `proxy_build_info{job="linkerd-proxy",namespace="shop",pod="${pod}",${labels}}`;

  test("two versions for a day cause an alert, which resolves when the last pod is restarted", async () => {
    await testRules(rules(), {
      alert: "MeshProxyVersionsMixed",
      interval: "5m",
      series: {
        [build("web-1", 'version="2.366.0"')]: "1x400",
        [build("web-2", 'version="2.359.0"')]: "1x300 stale",
      },
      firing: {
        "23h55m": [],
        "24h": [{ labels: { severity: "info" }, summary: "Proxies run 2 different versions." }],
        "25h10m": [],
      },
    });
  });

  test("an upgrade that takes 20 hours causes no alert", async () => {
    await testRules(rules(), {
      alert: "MeshProxyVersionsMixed",
      interval: "5m",
      series: {
        [build("web-1", 'version="2.366.0"')]: "1x400",
        [build("web-2", 'version="2.359.0"')]: "1x240 stale",
      },
      firing: { "20h": [], "24h": [], "30h": [] },
    });
  });

  test("a pod label that is called version does not count as the version of the proxy", async () => {
    await testRules(rules(), {
      alert: "MeshProxyVersionsMixed",
      interval: "5m",
      series: {
        [build("web-1", 'version="2.366.0"')]: "1x400",
        [build("web-2", 'version="v1",exported_version="2.366.0"')]: "1x400",
        [build("web-3", 'version="v2",exported_version="2.366.0"')]: "1x400",
      },
      firing: { "24h": [], "30h": [] },
    });
  });
});

describe("MeshScrapeMissing", () => {
  const proxy = (pod: string) =>
    `container_memory_working_set_bytes{job="kubelet",namespace="shop",pod="${pod}",container="linkerd-proxy"}`;
  const up = (pod: string, job = "linkerd-proxy") =>
    `up{job="${job}",namespace="shop",pod="${pod}",instance="${pod}:4191",control_plane_ns="linkerd"}`;
  const missing = (pod: string): FiringAlert => ({
    labels: { severity: "warning", namespace: "shop", pod },
    summary: `The proxy of shop/${pod} is not scraped.`,
  });

  test("a proxy that is not a target causes an alert after 15 minutes, until it is", async () => {
    await testRules(rules(), {
      alert: "MeshScrapeMissing",
      series: {
        [proxy("web-1")]: "1x60",
        [proxy("web-2")]: "1x60",
        [up("web-1")]: "1x60",
        [up("web-2")]: "_x30 1x30",
      },
      firing: { "14m": [], "15m": [missing("web-2")], "29m": [missing("web-2")], "30m": [] },
    });
  });

  test("a proxy whose scrape fails causes an alert, also without metrics of containers", async () => {
    await testRules(rules(), {
      alert: "MeshScrapeMissing",
      series: { [up("web-1")]: "0x30 1x30", [up("web-2")]: "1x60" },
      firing: { "14m": [], "15m": [missing("web-1")], "30m": [missing("web-1")], "31m": [] },
    });
  });

  test("scraped proxies, a restart of 10 minutes, and pods without a proxy cause no alert, whatever the job is called", async () => {
    await testRules(rules(), {
      alert: "MeshScrapeMissing",
      series: {
        [proxy("web-1")]: "1x60",
        [up("web-1", "linkerd/linkerd-proxy")]: "1x20 0x10 1x30",
        'container_memory_working_set_bytes{job="kubelet",namespace="shop",pod="db-1",container="db"}':
          "1x60",
        'up{job="node-exporter",instance="node:9100"}': "0x60",
      },
      firing: { "16m": [], "29m": [], "40m": [] },
    });
  });
});
