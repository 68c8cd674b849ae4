/** viz's Prometheus with a volume, and settings of monitoring that the cluster does not support. */
import type { V1ConfigMap, V1Deployment, V1PersistentVolumeClaim } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { client, list, read } from "../../support/cluster.ts";
import { changes, failureOf, openMesh } from "../../support/stack.ts";

const VIZ = "linkerd-viz";
const PROMETHEUS = {
  retention: "15d",
  volume: { size: "20Gi", storageClass: "fast", accessMode: "ReadWriteOncePod" },
  alertmanagers: ["alertmanager.monitoring.svc:9093"],
  keep: "all",
};
/** A job and a relabeling of the team. */
const extraValues = {
  viz: {
    prometheus: {
      scrapeConfigs: [{ job_name: "team", static_configs: [{ targets: ["team:80"] }] }],
      metricRelabelConfigs: [{ source_labels: ["__name__"], regex: "team_.+", action: "drop" }],
    },
  },
};

let stack: Stack;
const open = async (prometheus: object, others: object = {}) => {
  const monitoring = { prometheus, ...others };
  stack = await openMesh("prometheus", { clusterNetworks: ["127.0.0.0/8"], monitoring, extraValues });
};

beforeAll(async () => {
  // In the sandbox nothing provisions volumes.
  await client().create({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "prometheus" },
    spec: {
      capacity: { storage: "20Gi" },
      accessModes: ["ReadWriteOncePod"],
      storageClassName: "fast",
      hostPath: { path: "/prometheus" },
    },
  });
  await open(PROMETHEUS);
  await stack.up();
});

afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
  await client().delete({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "prometheus" } });
});

test("viz's Prometheus has the configured retention and volume", async () => {
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "prometheus", VIZ);
  const { containers = [], volumes = [] } = spec?.template.spec ?? {};
  expect(containers.find(({ name }) => name === "prometheus")?.args).toContain(
    "--storage.tsdb.retention.time=15d",
  );
  expect(volumes).toContainEqual({ name: "data", persistentVolumeClaim: { claimName: "prometheus" } });
  const claim = await read<V1PersistentVolumeClaim>("v1", "PersistentVolumeClaim", "prometheus", VIZ);
  expect(claim.spec).toMatchObject({
    accessModes: ["ReadWriteOncePod"],
    storageClassName: "fast",
    resources: { requests: { storage: "20Gi" } },
  });
});

test("viz's Prometheus notifies the Alertmanagers, keeps all samples of proxies, and scrapes the team's job too", async () => {
  const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "prometheus-config", VIZ);
  const { alerting, scrape_configs: jobs } = parse(data?.["prometheus.yml"] ?? "");
  expect(alerting.alertmanagers).toEqual([
    { static_configs: [{ targets: ["alertmanager.monitoring.svc:9093"] }] },
  ]);
  const names: string[] = jobs.map((job: { job_name: string }) => job.job_name);
  expect(names).toEqual(expect.arrayContaining(["linkerd-proxy", "linkerd-api-server", "team"]));
  const proxies = jobs.find((job: { job_name: string }) => job.job_name === "linkerd-proxy");
  const actions = proxies.metric_relabel_configs.map(({ action }: { action: string }) => action);
  expect(actions).not.toContain("keep");
  expect(proxies.metric_relabel_configs.at(-1)).toEqual({
    source_labels: ["__name__"],
    regex: "team_.+",
    action: "drop",
  });
});

test("a second up of a mesh with a volume changes nothing", async () => {
  expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
});

test.each<[string, object, RegExp]>([
  [
    "a smaller volume",
    { ...PROMETHEUS, volume: { ...PROMETHEUS.volume, size: "10Gi" } },
    /linkerd-mesh:monitoring\.prometheus\.volume\.size: must not be less than the size of the volume, got 10Gi, while the volume has 20Gi\. .* Fix: pulumi config set --path monitoring\.prometheus\.volume\.size 20Gi$/m,
  ],
  [
    "another class of the volume",
    { ...PROMETHEUS, volume: { ...PROMETHEUS.volume, storageClass: "slow" } },
    /linkerd-mesh:monitoring\.prometheus\.volume\.storageClass: must be that of the volume, got "slow", while the volume has "fast"\./,
  ],
])("preview and up with %s fail before anything changes", async (_, prometheus, message) => {
  await open(prometheus);
  expect(await failureOf((options) => stack.preview(options))).toMatch(message);
  expect(await failureOf((options) => stack.up(options))).toMatch(message);
});

test("without a volume, Prometheus keeps its samples in the pod, and the claim is deleted", async () => {
  await open({ retention: "6h", keep: "all" });
  await stack.up();
  const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "prometheus", VIZ);
  expect(spec?.template.spec?.volumes).toContainEqual({ name: "data", emptyDir: {} });
  expect(await list("v1", "PersistentVolumeClaim", VIZ)).toEqual([]);
});
