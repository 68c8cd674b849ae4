/** Dashboards, alerts and readers of viz's Prometheus, read back from the API server. */
import type { KubernetesObject, V1ConfigMap, V1Deployment, V1ReplicaSet } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AlertRule, RuleGroup } from "../../../components/observability/rules/rule-groups.ts";
import { client, inventory, list, read, run } from "../../support/cluster.ts";
import { changes, openMesh, stepsOf } from "../../support/stack.ts";

const UIDS = [
  "linkerd-applications",
  "linkerd-mesh-health",
  ...["deployment", "statefulset", "daemonset", "job", "cronjob", "pod", "namespace"].map(
    (resource) => `linkerd-${resource}`,
  ),
];

const alerts = {
  successRate: 0.995,
  latencyMs: 500,
  latencyShare: 0.95,
  minRequests: 7,
  labels: { team: "platform" },
  runbookUrl: "https://runbooks.example.com/mesh",
  disabled: ["MeshPodUnmeshed"],
};
const ON = {
  dashboards: {
    namespace: "grafana",
    label: "dashboard",
    labelValue: "mesh",
    folderAnnotation: "example.com/folder",
    folder: "Service mesh",
  },
  alerts,
  prometheus: { readers: [{ namespace: "grafana", serviceAccount: "grafana" }] },
  grafana: { url: "grafana.grafana:3000" },
};
const OFF = { dashboards: false, alerts: false };
const VIZ = "linkerd-viz";

let stack: Stack;
let before: string[];

async function deploy(monitoring: object): Promise<void> {
  stack = await openMesh("monitoring", { clusterNetworks: ["127.0.0.0/8"], monitoring });
  await stack.up();
}

async function readRules(): Promise<RuleGroup[]> {
  const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-mesh-rules", VIZ);
  return JSON.parse(data?.["linkerd_rules.yml"] ?? "").groups;
}

const alertsIn = (groups: RuleGroup[]) =>
  groups.flatMap(({ rules }) => rules).filter((rule): rule is AlertRule => "alert" in rule);

/** Counts the ReplicaSets of each Deployment of viz. A restart adds one. */
async function countTemplates(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { metadata } of await list<V1ReplicaSet>("apps/v1", "ReplicaSet", VIZ)) {
    const owner = metadata?.ownerReferences?.[0]?.name ?? "";
    counts[owner] = (counts[owner] ?? 0) + 1;
  }
  return counts;
}

beforeAll(async () => {
  await client().create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "grafana" } });
  before = await inventory();
  await deploy(ON);
});

afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
  await run("kubectl", "delete", "namespace", "grafana");
});

describe("a mesh with dashboards, alerts and readers", () => {
  test("Grafana's sidecar finds each dashboard by its label, in the configured namespace and folder", async () => {
    const maps = (await list<V1ConfigMap>("v1", "ConfigMap", "grafana")).filter(
      ({ metadata }) => metadata?.labels?.dashboard === "mesh",
    );
    const found = maps.map(({ metadata, data = {} }) => {
      expect(metadata?.annotations?.["example.com/folder"]).toBe("Service mesh");
      const [[file, json] = ["", "{}"], ...others] = Object.entries(data);
      expect(others).toEqual([]);
      const { uid, title } = JSON.parse(json);
      expect(file).toBe(`${uid}.json`);
      expect(json.length).toBeLessThan(200_000);
      return { uid, title, kind: "ConfigMap", namespace: "grafana", name: metadata?.name };
    });
    expect(found.map(({ uid }) => uid).sort()).toEqual([...UIDS].sort());
    const { dashboards } = await stack.outputs();
    expect(new Set(dashboards?.value)).toEqual(new Set(found));
  });

  test("viz's Prometheus mounts rules with the configured objectives, labels and runbook", async () => {
    const { spec } = await read<V1Deployment>("apps/v1", "Deployment", "prometheus", VIZ);
    const { containers = [], volumes = [] } = spec?.template.spec ?? {};
    const mounts = containers.find(({ name }) => name === "prometheus")?.volumeMounts ?? [];
    const mount = mounts.find(({ mountPath }) => mountPath === "/etc/prometheus/linkerd_rules.yml");
    expect(mount?.subPath).toBe("linkerd_rules.yml");
    expect(volumes.find(({ name }) => name === mount?.name)?.configMap?.name).toBe("linkerd-mesh-rules");
    const rules = alertsIn(await readRules());
    for (const { labels, annotations, alert } of rules) {
      expect(labels.team).toBe("platform");
      expect(annotations.runbook_url).toBe(`https://runbooks.example.com/mesh#${alert.toLowerCase()}`);
    }
    const latency = rules.find(({ alert }) => alert === "MeshLatencyHigh")?.expr ?? "";
    expect(latency).toContain(`le=~"500([.]0)?"`);
    expect(latency).toMatch(/> 0\.05 and .* >= 7$/s);
    const success = rules.filter(({ alert }) => alert === "MeshSuccessRateLow").map(({ expr }) => expr);
    expect(success).toEqual([expect.stringContaining("> 0.072"), expect.stringContaining("> 0.03")]);
    expect(rules.map(({ alert }) => alert)).not.toContain("MeshPodUnmeshed");
    const { alerts: output } = await stack.outputs();
    expect(output?.value).toEqual(
      rules.map(({ alert, labels: { severity }, annotations: { runbook_url: runbook } }) => ({
        name: alert,
        severity,
        runbook,
      })),
    );
  });

  test("the rules have the expiry of every certificate of the mesh", async () => {
    const constants = (await readRules())
      .flatMap(({ rules }) => rules)
      .flatMap((rule) => ("record" in rule && rule.labels?.certificate ? [rule] : []))
      .map(({ labels, expr }) => [labels?.certificate, expr]);
    const { certificates } = await stack.outputs();
    expect(certificates?.value).toHaveLength(8);
    expect(constants).toEqual(
      certificates?.value.map(({ name, notAfter }: { name: string; notAfter: string }) => [
        name,
        `vector(${Date.parse(notAfter) / 1000})`,
      ]),
    );
  });

  test("viz's Prometheus may read the metrics of the API server, and no other ServiceAccount of viz may", async () => {
    const mayRead = (account: string) =>
      run("kubectl", "auth", "can-i", "get", "/metrics", "--as", `system:serviceaccount:${VIZ}:${account}`)
        .catch((error: { stdout?: string }) => error.stdout ?? "")
        .then((answer) => answer.trim());
    expect(await mayRead("prometheus")).toBe("yes");
    expect(await mayRead("web")).toBe("no");
  });

  test("a policy lets exactly the readers query viz's Prometheus, by their identity", async () => {
    type Policy = KubernetesObject & { spec: unknown };
    const read1 = (kind: string) =>
      read<Policy>("policy.linkerd.io/v1alpha1", kind, "prometheus-readers", VIZ);
    expect((await read1("AuthorizationPolicy")).spec).toEqual({
      targetRef: { group: "policy.linkerd.io", kind: "Server", name: "prometheus-admin" },
      requiredAuthenticationRefs: [
        { group: "policy.linkerd.io", kind: "MeshTLSAuthentication", name: "prometheus-readers" },
      ],
    });
    expect((await read1("MeshTLSAuthentication")).spec).toEqual({
      identityRefs: [{ kind: "ServiceAccount", name: "grafana", namespace: "grafana" }],
    });
  });

  test("the stack has the URL of viz's Prometheus as an output", async () => {
    const { prometheusUrl } = await stack.outputs();
    expect(prometheusUrl?.value).toBe("http://prometheus.linkerd-viz.svc.cluster.local:9090");
  });

  test("a second up changes nothing", async () => {
    const { summary } = await stack.up();
    expect(changes(summary.resourceChanges)).toEqual({});
  });
});

test("a changed threshold changes the rules and restarts Prometheus, and nothing else", async () => {
  const templates = await countTemplates();
  const changed = { ...ON, alerts: { ...alerts, minRequests: 50 } };
  stack = await openMesh("monitoring", { clusterNetworks: ["127.0.0.0/8"], monitoring: changed });
  const steps = await stepsOf((options) => stack.up(options));
  expect(new Set(steps.map(({ name }) => name))).toEqual(
    new Set(["linkerd-viz-rules", "linkerd-viz-release"]),
  );
  expect(await countTemplates()).toEqual({ ...templates, prometheus: (templates.prometheus ?? 0) + 1 });
  const latency = alertsIn(await readRules()).find(({ alert }) => alert === "MeshLatencyHigh");
  expect(latency?.expr).toMatch(/>= 50$/);
  await deploy(ON);
});

test("each part that is turned off leaves nothing behind, and no pod but Prometheus restarts", async () => {
  const without = async (monitoring: object) => {
    const all = await inventory();
    await deploy(monitoring);
    const left = new Set(await inventory());
    return all.filter(
      (each) => !left.has(each) && !/^(Pod|ReplicaSet|ControllerRevision|Secret\/.*\/sh\.helm)/.test(each),
    );
  };
  const { readers: _, ...prometheus } = ON.prometheus;
  const templates = await countTemplates();
  expect(await without({ ...ON, prometheus })).toEqual([
    "AuthorizationPolicy/linkerd-viz/prometheus-readers",
    "MeshTLSAuthentication/linkerd-viz/prometheus-readers",
  ]);
  expect(await countTemplates()).toEqual(templates);
  const { grafana: __, ...withoutLinks } = { ...ON, prometheus };
  expect(await without(withoutLinks)).toHaveLength(7);
  expect(await without({ ...withoutLinks, dashboards: false })).toEqual([
    "ConfigMap/grafana/linkerd-dashboard-applications",
    "ConfigMap/grafana/linkerd-dashboard-mesh-health",
  ]);
  expect(await without(OFF)).toEqual(expect.arrayContaining(["ConfigMap/linkerd-viz/linkerd-mesh-rules"]));
  const ours = (await inventory()).filter((each) =>
    /grafana|linkerd-mesh-rules|linkerd-dashboard/.test(each),
  );
  expect(ours).toEqual(before.filter((each) => each.includes("grafana")));
});
