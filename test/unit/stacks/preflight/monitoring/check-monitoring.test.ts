import { afterEach, describe, expect, test } from "vitest";
import type { DeployedState } from "../../../../../components/deployed/deployed-state.ts";
import { openClusterOnce } from "../../../../../stacks/cluster/cluster.ts";
import {
  checkMonitoring,
  notificationWarnings,
} from "../../../../../stacks/preflight/monitoring/check-monitoring.ts";
import { formatStackIssue } from "../../../../../stacks/settings/settings-error.ts";
import {
  type ApiServer,
  formatKubeconfig,
  startApiServer,
  type TestObject,
} from "../../../../support/api-server.ts";
import { register } from "../../../../support/mocks.ts";
import { config, parseSettings } from "../../../../support/settings.ts";

let server: ApiServer | undefined;
afterEach(() => server?.close());

/** Checks settings of monitoring against a cluster with these objects. */
async function check(
  monitoring: object,
  {
    objects = [],
    state = {},
    preview = false,
    kubeconfig,
    ...others
  }: {
    objects?: TestObject[];
    state?: DeployedState;
    preview?: boolean;
    kubeconfig?: string;
    viz?: boolean;
  } = {},
) {
  server = await startApiServer(objects);
  const settings = parseSettings(config({ monitoring, ...others }));
  const openCluster = openClusterOnce({ "kubernetes:kubeconfig": kubeconfig ?? server.kubeconfig });
  const { result } = await register(() => checkMonitoring(settings, state, openCluster), { preview });
  const messages = result.issues.map((issue) =>
    formatStackIssue(issue, { values: settings, isSecret: () => false }),
  );
  return { messages, unchecked: result.unchecked, requests: server.requests };
}

const definition = (name: string): TestObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name },
});
const POD_MONITOR = definition("podmonitors.monitoring.coreos.com");
const PROMETHEUS_RULE = definition("prometheusrules.monitoring.coreos.com");
const OPERATOR = { external: { url: "http://prometheus:9090", operator: true } };

/** A state with the release of a chart. */
const released = (name: string, values: object): DeployedState => ({
  [name]: { type: "kubernetes:helm.sh/v3:Release", outputs: { name, values } },
});

describe("the Prometheus Operator", () => {
  test("the operator is rejected without its CRDs, each naming the missing kind", async () => {
    expect((await check(OPERATOR)).messages).toEqual(
      ["PodMonitor", "PrometheusRule"].map(
        (kind) =>
          "linkerd-mesh:monitoring.external.operator: must be false without the Prometheus Operator, got true. The cluster " +
          `does not serve ${kind} of monitoring.coreos.com/v1. Fix: install the Prometheus Operator first, or pulumi config set ` +
          "--path monitoring.external.operator false",
      ),
    );
    await server?.close();
    expect((await check(OPERATOR, { objects: [POD_MONITOR] })).messages).toEqual([
      expect.stringContaining("does not serve PrometheusRule"),
    ]);
  });

  test("the operator is accepted with its CRDs, and without alerts needs no PrometheusRule", async () => {
    expect((await check(OPERATOR, { objects: [POD_MONITOR, PROMETHEUS_RULE] })).messages).toEqual([]);
    await server?.close();
    expect((await check({ ...OPERATOR, alerts: false }, { objects: [POD_MONITOR] })).messages).toEqual([]);
  });

  test("a stack that uses the operator already does not read the cluster", async () => {
    const state: DeployedState = {
      ...released("linkerd-control-plane", { podMonitor: { enabled: true } }),
      rule: { type: "kubernetes:monitoring.coreos.com/v1:PrometheusRule", outputs: {} },
    };
    expect(await check(OPERATOR, { state })).toEqual({ messages: [], unchecked: [], requests: [] });
  });
});

describe("dashboards", () => {
  const inNamespace = { dashboards: { namespace: "monitoring" } };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "monitoring" } };
  const carrier = { dashboards: { as: "grafanaDashboard" } };

  test("Grafana's operator is rejected without its CRD", async () => {
    expect((await check(carrier)).messages).toEqual([
      'linkerd-mesh:monitoring.dashboards.as: must be "configMap" without Grafana\'s operator, got "grafanaDashboard". The ' +
        "cluster does not serve GrafanaDashboard of grafana.integreatly.org/v1beta1. Fix: install Grafana's operator first, " +
        "or pulumi config set --path monitoring.dashboards.as configMap",
    ]);
    await server?.close();
    const objects = [definition("grafanadashboards.grafana.integreatly.org")];
    expect((await check(carrier, { objects })).messages).toEqual([]);
  });

  test("a namespace that does not exist is rejected with the command that creates it", async () => {
    expect((await check(inNamespace)).messages).toEqual([
      'linkerd-mesh:monitoring.dashboards.namespace: must be a namespace of the cluster, got "monitoring". The program ' +
        "creates only the namespaces of the mesh. Fix: pulumi config set --path monitoring.dashboards.namespace <value>, " +
        "or kubectl create namespace monitoring",
    ]);
    await server?.close();
    expect((await check(inNamespace, { objects: [namespace] })).messages).toEqual([]);
  });

  test("the namespaces of the mesh, and one with an object of the stack, are not looked for", async () => {
    for (const own of ["linkerd", "linkerd-viz"]) {
      expect((await check({ dashboards: { namespace: own } })).requests).toEqual([]);
      await server?.close();
    }
    const outputs = { metadata: { name: "linkerd-applications", namespace: "monitoring" } };
    const state = { dashboard: { type: "kubernetes:core/v1:ConfigMap", outputs } };
    expect((await check(inNamespace, { state })).requests).toEqual([]);
    await server?.close();
    const withoutViz = await check({ dashboards: { namespace: "linkerd-viz" } }, { viz: false });
    expect(withoutViz.messages).toEqual([expect.stringContaining("must be a namespace of the cluster")]);
  });
});

test("the defaults need nothing of the cluster", async () => {
  expect(await check({})).toEqual({ messages: [], unchecked: [], requests: [] });
});

test("a preview leaves the objects unchecked if the cluster does not answer, and up is rejected", async () => {
  const stopped = await startApiServer();
  await stopped.close();
  const kubeconfig = formatKubeconfig(stopped.port);
  const preview = await check(OPERATOR, { kubeconfig, preview: true });
  expect(preview).toMatchObject({
    messages: [],
    unchecked: [
      {
        cause: { failure: expect.stringMatching(/ does not answer: /) },
        what: [
          "whether it has podmonitors.monitoring.coreos.com, prometheusrules.monitoring.coreos.com, which monitoring or access to viz needs",
        ],
      },
    ],
  });
  await server?.close();
  expect(await check(OPERATOR, { kubeconfig })).toMatchObject({
    messages: [
      expect.stringMatching(/^kubernetes:context: must select a cluster that answers\. .* Fix: set /),
    ],
    unchecked: [],
  });
});

test("the volume of the last deployment is compared without reading the cluster", async () => {
  const state = released("linkerd-viz", { prometheus: { persistence: { size: "20Gi" } } });
  const smaller = { prometheus: { volume: { size: "10Gi" } } };
  expect(await check(smaller, { state })).toEqual({
    messages: [expect.stringContaining("volume.size: must not be less than the size of the volume")],
    unchecked: [],
    requests: [],
  });
});

test("alerts that are configured cause a warning if nobody is notified, and alerts by default do not", () => {
  const warnings = (monitoring: object) =>
    notificationWarnings(parseSettings(config({ monitoring }))).map((issue) =>
      formatStackIssue(issue, { values: {}, isSecret: () => false }),
    );
  expect(warnings({ alerts: { minRequests: 50 } })).toEqual([
    "linkerd-mesh:monitoring.prometheus.alertmanagers: must have an Alertmanager for alerts to notify someone, got nothing. " +
      "viz's Prometheus evaluates the alerts, and otherwise only shows them. Fix: pulumi config set --path " +
      "'monitoring.prometheus.alertmanagers[0]' <value>",
  ]);
  for (const monitoring of [
    {},
    { alerts: false },
    { alerts: {}, prometheus: { alertmanagers: ["alertmanager:9093"] } },
    { alerts: {}, ...OPERATOR },
  ]) {
    expect(warnings(monitoring)).toEqual([]);
  }
});
