/** A Prometheus that exists already, with the Prometheus Operator and Grafana's operator and without them. */
import type { KubernetesObject, V1Deployment } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RuleGroup } from "../../../components/observability/rules/rule-groups.ts";
import { client, deleteDefinitions, inventory, list, read, run } from "../../support/cluster.ts";
import { installOperatorDefinitions } from "../../support/operators.ts";
import { changes, openMesh } from "../../support/stack.ts";

const OPERATORS = ["monitoring.coreos.com", "grafana.integreatly.org"];
const OPERATOR_GROUP = "monitoring.coreos.com/v1";
const URL = "http://prometheus-operated.monitoring.svc:9090";
const VIZ = "mesh-viz";

let stack: Stack;
/** The objects of the mesh with viz's own Prometheus. */
let own: string[];

async function deploy(monitoring: object): Promise<void> {
  stack = await openMesh("external", {
    clusterNetworks: ["127.0.0.0/8"],
    vizNamespace: VIZ,
    monitoring,
  });
  await stack.up();
}

/** The objects of the cluster without those that have another name after each deployment. */
const objects = async () =>
  (await inventory()).filter((each) => !/^(Pod|ReplicaSet|IPAddress)\/|\/sh\.helm\.release/.test(each));

const spec = async <Spec>(kind: string, name: string, namespace: string) =>
  (await read<KubernetesObject & { spec: Spec }>(OPERATOR_GROUP, kind, name, namespace)).spec;

const metadata = async (kind: string, name: string, namespace: string) =>
  (await read(OPERATOR_GROUP, kind, name, namespace)).metadata;

async function containerOf(deployment: string) {
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", deployment, VIZ);
  return spec?.template.spec?.containers.find(({ name }) => name === deployment);
}

beforeAll(async () => {
  await client().create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "grafana" } });
  await installOperatorDefinitions();
  await deploy({ dashboards: { namespace: "grafana" } });
  own = await objects();
});

afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
  for (const group of OPERATORS) await deleteDefinitions(group);
  await run("kubectl", "delete", "namespace", "grafana");
});

test("a mesh for the operators has PodMonitors, a PrometheusRule and GrafanaDashboards, and no Prometheus of its own", async () => {
  await deploy({
    dashboards: { as: "grafanaDashboard", folder: "Mesh", instanceSelector: { grafana: "team" } },
    alerts: { ruleLabels: { release: "rules" } },
    external: { url: URL, operator: true, podMonitorLabels: { release: "monitors" } },
  });
  const left = await objects();
  const added = left.filter((each) => !own.includes(each));
  expect(added).toEqual([
    "GrafanaDashboard/mesh-viz/linkerd-dashboard-applications",
    "GrafanaDashboard/mesh-viz/linkerd-dashboard-mesh-health",
    "PodMonitor/linkerd/linkerd-controller",
    "PodMonitor/linkerd/linkerd-multicluster-controller",
    "PodMonitor/linkerd/linkerd-proxy",
    "PrometheusRule/linkerd/linkerd-mesh",
  ]);
  const removed = own.filter((each) => !left.includes(each));
  expect(removed.filter((each) => !each.includes(`/${VIZ}/prometheus`))).toEqual([
    "ClusterRole//linkerd-mesh-viz-prometheus",
    "ClusterRole//linkerd-mesh-viz-prometheus-api-server",
    "ClusterRoleBinding//linkerd-mesh-viz-prometheus",
    "ClusterRoleBinding//linkerd-mesh-viz-prometheus-api-server",
    "ConfigMap/grafana/linkerd-dashboard-applications",
    "ConfigMap/grafana/linkerd-dashboard-mesh-health",
    "ConfigMap/mesh-viz/linkerd-mesh-rules",
    "Role/default/linkerd-mesh-viz-prometheus-api-server",
    "RoleBinding/default/linkerd-mesh-viz-prometheus-api-server",
  ]);
});

test("the PrometheusRule has the alerts and the expiry of all certificates, and the labels that select it", async () => {
  expect((await metadata("PrometheusRule", "linkerd-mesh", "linkerd")).labels).toEqual({ release: "rules" });
  const { groups } = await spec<{ groups: RuleGroup[] }>("PrometheusRule", "linkerd-mesh", "linkerd");
  const rules = groups.flatMap((group) => group.rules);
  const { alerts, certificates } = await stack.outputs();
  expect(rules.flatMap((rule) => ("alert" in rule ? [rule.alert] : []))).toEqual(
    alerts?.value.map(({ name }: { name: string }) => name),
  );
  const constants = rules.filter((rule) => "record" in rule && rule.labels?.certificate !== undefined);
  expect(constants.map(({ labels }) => labels?.certificate)).toEqual(
    certificates?.value.map(({ name }: { name: string }) => name),
  );
});

test("each PodMonitor has the labels that select it, and that of the controllers names the namespace of viz", async () => {
  for (const name of ["linkerd-controller", "linkerd-proxy", "linkerd-multicluster-controller"]) {
    expect((await metadata("PodMonitor", name, "linkerd")).labels).toMatchObject({ release: "monitors" });
  }
  expect(await spec("PodMonitor", "linkerd-controller", "linkerd")).toMatchObject({
    namespaceSelector: { matchNames: ["linkerd", VIZ] },
  });
});

test("Grafana's operator finds each dashboard by the selected instances", async () => {
  type Dashboard = KubernetesObject & { spec: { json: string } };
  const found = await list<Dashboard>("grafana.integreatly.org/v1beta1", "GrafanaDashboard");
  const { dashboards } = await stack.outputs();
  expect(found).toHaveLength(2);
  for (const { spec, metadata } of found) {
    expect(spec).toEqual({
      instanceSelector: { matchLabels: { grafana: "team" } },
      allowCrossNamespaceImport: true,
      folder: "Mesh",
      json: expect.any(String),
    });
    const { uid, title } = JSON.parse(spec.json);
    const { name, namespace } = metadata ?? {};
    expect(dashboards?.value).toContainEqual({ uid, title, kind: "GrafanaDashboard", namespace, name });
  }
});

test("viz reads from the external Prometheus, and its namespace names it", async () => {
  expect((await containerOf("metrics-api"))?.args).toContain(`-prometheus-url=${URL}`);
  const { metadata } = await read("v1", "Namespace", VIZ);
  expect(metadata.annotations).toMatchObject({ "viz.linkerd.io/external-prometheus": URL });
  const { prometheusUrl, scrapeConfig } = await stack.outputs();
  expect(prometheusUrl?.value).toBe(URL);
  expect(scrapeConfig?.value).toBeNull();
});

test("another selector replaces the dashboards, whose selector is immutable", async () => {
  await deploy({
    dashboards: { as: "grafanaDashboard", instanceSelector: { grafana: "other" } },
    alerts: false,
    external: { url: URL, operator: true },
  });
  type Dashboard = KubernetesObject & { spec: { instanceSelector: object } };
  const found = await list<Dashboard>("grafana.integreatly.org/v1beta1", "GrafanaDashboard");
  expect(found.map(({ spec }) => spec.instanceSelector)).toEqual(
    Array(2).fill({ matchLabels: { grafana: "other" } }),
  );
  expect(await list(OPERATOR_GROUP, "PrometheusRule")).toEqual([]);
});

test("a Prometheus without an operator gets its scrapes as an output, viz reads it with the given credentials, and viz links to Grafana", async () => {
  await deploy({
    dashboards: false,
    external: { url: URL, credentialsSecret: "prometheus-login" },
    grafana: { externalUrl: "https://grafana.example.com/", uidPrefix: "mesh-" },
  });
  expect(await list(OPERATOR_GROUP, "PodMonitor")).toEqual([]);
  const { scrapeConfig, alerts, dashboards } = await stack.outputs();
  const { scrape_configs: jobs } = JSON.parse(scrapeConfig?.value);
  expect(jobs.map(({ job_name }: { job_name: string }) => job_name)).toEqual([
    "linkerd-proxy",
    "linkerd-controller",
    "linkerd-api-server",
  ]);
  expect(scrapeConfig?.value).toContain("linkerd-admin;linkerd");
  expect([alerts?.value, dashboards?.value]).toEqual([[], []]);
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "metrics-api", VIZ);
  expect(spec?.template.spec?.volumes).toContainEqual(
    expect.objectContaining({ secret: expect.objectContaining({ secretName: "prometheus-login" }) }),
  );
  expect((await containerOf("web"))?.args).toEqual(
    expect.arrayContaining(["-grafana-external-addr=https://grafana.example.com/", "-grafana-prefix=mesh-"]),
  );
});

test("back at viz's own Prometheus, the cluster has the same objects as before, and a second up changes nothing", async () => {
  await deploy({ dashboards: { namespace: "grafana" } });
  expect(await objects()).toEqual(own);
  const { summary } = await stack.up();
  expect(changes(summary.resourceChanges)).toEqual({});
});
