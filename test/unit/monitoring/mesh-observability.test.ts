import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";
import {
  MeshObservability,
  type MeshObservabilityArgs,
  ServiceMesh,
  ValidationError,
} from "../../../components/index.ts";
import { withPrometheusConfiguration } from "../../../components/linkerd/prometheus-rules.ts";
import { dashboardNames, renderDashboards } from "../../../components/observability/dashboards/dashboards.ts";
import { outputValue, register } from "../../support/mocks.ts";

const reader = { serviceAccount: "grafana", namespace: "grafana" };

/** Registers the component in a mesh with viz. */
const create = (args: Partial<MeshObservabilityArgs> = {}) =>
  register(() => new MeshObservability("o", { namespace: "mesh", vizNamespace: "mesh-viz", ...args }));

test("every dashboard has the prefix of its UID, also in the links between dashboards", () => {
  const rendered = renderDashboards({ hasVizLinks: true, uidPrefix: "team-" });
  expect(rendered.map(({ name }) => name)).toEqual(dashboardNames(true));
  const uids = rendered.map(({ uid }) => uid);
  for (const { uid, name, json } of rendered) {
    expect(uid).toBe(`team-linkerd-${name}`);
    expect(JSON.parse(json).uid).toBe(uid);
    const links = [...json.matchAll(/"url":"\/d\/([^"?]+)/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(uids).toContain(link);
  }
});

test("without a prefix, dashboards are those of the files of this project, and without links to Grafana there are two", () => {
  expect(renderDashboards({ hasVizLinks: false }).map(({ uid }) => uid)).toEqual([
    "linkerd-applications",
    "linkerd-mesh-health",
  ]);
  expect(dashboardNames(false)).toEqual(["applications", "mesh-health"]);
});

test("invalid settings are rejected before anything is registered", async () => {
  const alerts = { latencyMs: 250 };
  let error: unknown;
  const { resources } = await register(() => {
    try {
      return new MeshObservability("o", {
        namespace: "mesh",
        vizNamespace: "mesh-viz",
        monitoring: { alerts },
      });
    } catch (thrown) {
      error = thrown;
      return undefined;
    }
  });
  expect(error).toBeInstanceOf(ValidationError);
  expect((error as Error).message).toMatch(
    /^MeshObservability "o" .*monitoring\.alerts\.latencyMs: must be /s,
  );
  expect(resources).toEqual([]);
});

test("without viz, only configured dashboards are created, and nothing gets access to a Prometheus", async () => {
  const none = await create({ vizNamespace: undefined });
  expect(none.resources.map(({ name }) => name)).toEqual(["o"]);
  expect(none.result.prometheusUrl).toBeUndefined();
  const monitoring = { dashboards: { namespace: pulumi.output("grafana") } };
  const { resources, result } = await create({ vizNamespace: undefined, monitoring });
  expect(resources.map(({ name }) => name).sort()).toEqual([
    "o",
    "o-dashboard-applications",
    "o-dashboard-mesh-health",
  ]);
  expect(await outputValue(result.dashboards)).toEqual([
    expect.objectContaining({ uid: "linkerd-applications", kind: "ConfigMap", namespace: "grafana" }),
    expect.objectContaining({ uid: "linkerd-mesh-health", kind: "ConfigMap", namespace: "grafana" }),
  ]);
  expect(await outputValue(result.alerts)).toEqual([]);
});

test("policies wait for what validates them, and dashboards and rules do not", async () => {
  const monitoring = { prometheus: { readers: [reader] } };
  const { find } = await register(() => new ServiceMesh("m", { monitoring }));
  const dashboard = find("m-observability-dashboard-applications");
  expect(dashboard.parent).toBe("m-observability");
  for (const { dependsOn } of [dashboard, find("m-viz-rules")]) {
    expect(dependsOn).toContain("m-viz-namespace");
    expect(dependsOn).not.toContain("m-control-plane-release");
  }
  expect(find("m-observability-readers-authentication").dependsOn).toContain("m-control-plane-release");
  expect(find("m-observability-readers-policy").dependsOn).toContain(
    "m-observability-readers-authentication",
  );
  expect(find("m-viz-release").dependsOn).toContain("m-viz-rules");
});

test("a preview before the certificates exist plans the rules and the dashboards", async () => {
  const { find } = await register(() => new ServiceMesh("m"), { preview: true });
  expect(find("m-viz-rules").inputs.metadata.name).toBe("linkerd-mesh-rules");
  expect(find("m-observability-dashboard-applications").inputs.data).toHaveProperty([
    "linkerd-applications.json",
  ]);
});

/** The values with the checksum, whose Outputs have resolved. */
const configured = (prometheus: object, rules = "{}") =>
  outputValue(
    pulumi.output(withPrometheusConfiguration({ prometheus }, pulumi.output(rules))) as never,
  ) as Promise<{
    prometheus: { podAnnotations: Record<string, string>; ruleConfigMapMounts: object[] };
  }>;
const checksum = async (prometheus: object, rules?: string) =>
  (await configured(prometheus, rules)).prometheus.podAnnotations["linkerd-mesh/prometheus-config"];

test("the pod of Prometheus has a checksum of everything in its configuration, and of nothing else", async () => {
  const plain = await checksum({});
  expect(plain).toMatch(/^[0-9a-f]{64}$/);
  expect(await checksum({ image: { tag: "v3" }, args: { "storage.tsdb.retention.time": "7d" } })).toBe(plain);
  const changed = await Promise.all([
    checksum({}, '{"groups":[]}'),
    checksum({ globalConfig: { scrape_interval: "30s" } }),
    checksum({ scrapeConfigs: [{ job_name: "own" }] }),
    checksum({ metricRelabelConfigs: [{ action: "drop" }] }),
    checksum({ alertRelabelConfigs: [{ action: "drop" }] }),
    checksum({ alertmanagers: pulumi.output([{ static_configs: [] }]) }),
    checksum({ remoteWrite: [{ url: "http://store" }] }),
  ]);
  expect(new Set([plain, ...changed]).size).toBe(changed.length + 1);
});

test("the rules are mounted beside those of extra values", async () => {
  const own = { name: "own", subPath: "own_rules.yml", configMap: "own" };
  for (const given of [[own], pulumi.output([own])]) {
    const { prometheus } = await configured({ ruleConfigMapMounts: given });
    expect(prometheus.ruleConfigMapMounts).toEqual([
      own,
      { name: "linkerd-mesh-rules", subPath: "linkerd_rules.yml", configMap: "linkerd-mesh-rules" },
    ]);
  }
});
