import type {
  V1ConfigMap,
  V1CronJob,
  V1DaemonSet,
  V1Deployment,
  V1MutatingWebhookConfiguration,
  V1Namespace,
  V1Pod,
  V1PodDisruptionBudget,
  V1ServiceAccount,
  V1ValidatingWebhookConfiguration,
} from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { list, read } from "../../support/cluster.ts";
import { changes, openMesh } from "../../support/stack.ts";

const REGISTRY = "registry.corp.example/mesh";
const CONTROL_PLANE = ["linkerd-destination", "linkerd-identity", "linkerd-proxy-injector"];

const deployments = (namespace: string) => list<V1Deployment>("apps/v1", "Deployment", namespace);
const images = (d: V1Deployment | V1DaemonSet) =>
  [...(d.spec?.template.spec?.initContainers ?? []), ...(d.spec?.template.spec?.containers ?? [])].map(
    (container) => container.image ?? "",
  );
const container = (d: V1Deployment, name: string) => {
  const { initContainers = [], containers = [] } = d.spec?.template.spec ?? {};
  return [...initContainers, ...containers].find((c) => c.name === name);
};
const injectorConfig = async () => {
  const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-config", "linkerd");
  return parse(data?.values ?? "");
};

let stack: Stack;
afterAll(async () => {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
});

describe("a control plane with production settings", () => {
  beforeAll(async () => {
    stack = await openMesh("production", {
      clusterNetworks: ["127.0.0.0/8"],
      // With webhookFailurePolicy Fail, no pod of viz could start here, because nothing serves the injector.
      viz: false,
      highAvailability: true,
      imageRegistry: REGISTRY,
      imagePullSecrets: ["registry-login"],
      proxy: { cpuLimit: "1", memoryLimit: "300Mi", logLevel: "warn,linkerd=debug", nativeSidecar: false },
      defaultInboundPolicy: "deny",
      ports: { skipOutbound: [9999], skipInbound: ["7000-7010"], opaque: [6000] },
      cni: true,
      injection: "off",
      heartbeat: false,
      networkValidatorAddress: "10.1.2.3:20001",
      extraValues: { controlPlane: { priorityClassName: "system-cluster-critical" } },
    });
    await stack.up();
  });

  test("each workload of the control plane runs three replicas on three nodes", async () => {
    const all = await deployments("linkerd");
    expect(all.map((d) => d.metadata?.name).sort()).toEqual(CONTROL_PLANE);
    for (const { spec, status } of all) {
      expect([spec?.replicas, status?.readyReplicas]).toEqual([3, 3]);
      expect(spec?.strategy?.rollingUpdate).toEqual({ maxUnavailable: 1, maxSurge: "25%" });
      const apart = spec?.template.spec?.affinity?.podAntiAffinity;
      expect(apart?.requiredDuringSchedulingIgnoredDuringExecution?.[0]?.topologyKey).toBe(
        "kubernetes.io/hostname",
      );
    }
    const nodes = (await list<V1Pod>("v1", "Pod", "linkerd")).map((pod) => pod.spec?.nodeName);
    expect(new Set(nodes).size).toBe(3);
  });

  test("the disruption budgets of the control plane allow one unavailable pod per workload", async () => {
    const budgets = await list<V1PodDisruptionBudget>("policy/v1", "PodDisruptionBudget", "linkerd");
    expect(budgets.map((b) => b.spec?.maxUnavailable)).toEqual([1, 1, 1]);
  });

  test("the webhooks of the control plane fail closed, so no pod starts unmeshed", async () => {
    const group = "admissionregistration.k8s.io/v1";
    const hooks = [
      ...(await list<V1MutatingWebhookConfiguration>(group, "MutatingWebhookConfiguration")),
      ...(await list<V1ValidatingWebhookConfiguration>(group, "ValidatingWebhookConfiguration")),
    ].flatMap((c) => c.webhooks ?? []);
    expect(hooks.map((hook) => hook.failurePolicy)).toEqual(["Fail", "Fail", "Fail"]);
  });

  test("every image comes from the configured registry, with its pull secret", async () => {
    const plugin = await read<V1DaemonSet>("apps/v1", "DaemonSet", "linkerd-cni", "linkerd-cni");
    const used = [...(await deployments("linkerd")), plugin].flatMap(images);
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter((image) => !image.startsWith(`${REGISTRY}/`))).toEqual([]);
    const { proxy, debugContainer } = await injectorConfig();
    expect([proxy.image.name, debugContainer.image.name]).toEqual([`${REGISTRY}/proxy`, `${REGISTRY}/debug`]);
    const accounts = [
      ...(await list<V1ServiceAccount>("v1", "ServiceAccount", "linkerd")),
      ...(await list<V1ServiceAccount>("v1", "ServiceAccount", "linkerd-cni")),
    ].filter((account) => account.metadata?.name?.startsWith("linkerd-"));
    expect(accounts.map((account) => account.imagePullSecrets)).toEqual(
      accounts.map(() => [{ name: "registry-login" }]),
    );
    expect(accounts.length).toBeGreaterThanOrEqual(4);
  });

  test("own and injected proxies have the configured limits and the requests of high availability", async () => {
    for (const deployment of await deployments("linkerd")) {
      expect(container(deployment, "linkerd-proxy")?.resources).toEqual({
        requests: { cpu: "100m", memory: "20Mi" },
        limits: { cpu: "1", memory: "300Mi" },
      });
    }
    expect((await injectorConfig()).proxy.resources).toMatchObject({
      cpu: { request: "100m", limit: "1" },
      memory: { request: "20Mi", limit: "300Mi" },
    });
  });

  test("proxies use the configured log level and run as ordinary containers", async () => {
    for (const deployment of await deployments("linkerd")) {
      const { env } = container(deployment, "linkerd-proxy") ?? {};
      expect(env?.find((e) => e.name === "LINKERD2_PROXY_LOG")?.value).toMatch(/^warn,linkerd=debug/);
      const inits = deployment.spec?.template.spec?.initContainers?.map((c) => c.name);
      expect(inits).not.toContain("linkerd-proxy");
    }
    expect((await injectorConfig()).proxy).toMatchObject({
      logLevel: "warn,linkerd=debug",
      nativeSidecar: false,
    });
  });

  test("the default inbound policy denies traffic that no policy allows", async () => {
    const destination = await read<V1Deployment>("apps/v1", "Deployment", "linkerd-destination", "linkerd");
    expect(container(destination, "policy")?.args).toContain("--default-policy=deny");
    expect((await injectorConfig()).proxy.defaultInboundPolicy).toBe("deny");
  });

  test("the configured ports extend Linkerd's lists in the configuration of the injector and of the CNI plugin", async () => {
    const outbound = "25,465,587,2525,4567,4568,9999";
    const inbound = "4567,4568,7000-7010";
    const { proxyInit, proxy } = await injectorConfig();
    expect(proxyInit).toMatchObject({ ignoreOutboundPorts: outbound, ignoreInboundPorts: inbound });
    expect(proxy.opaquePorts).toBe("25,465,587,2525,3306,4444,5432,6000,6379,9300,11211");
    const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-cni-config", "linkerd-cni");
    expect(JSON.parse(data?.cni_network_config ?? "").linkerd).toMatchObject({
      "outbound-ports-to-ignore": outbound.split(","),
      "inbound-ports-to-ignore": ["4191", "4190", ...inbound.split(",")],
    });
  });

  test("the CNI plugin runs on every node, and pods of the mesh have no privileges", async () => {
    const plugin = await read<V1DaemonSet>("apps/v1", "DaemonSet", "linkerd-cni", "linkerd-cni");
    expect(plugin.status?.numberReady).toBe(3);
    const enforced = async (name: string) =>
      (await read<V1Namespace>("v1", "Namespace", name)).metadata?.labels?.[
        "pod-security.kubernetes.io/enforce"
      ];
    // The control plane's pods run, so the API server has accepted them at this level.
    expect([await enforced("linkerd"), await enforced("linkerd-cni")]).toEqual(["restricted", "privileged"]);
    for (const deployment of await deployments("linkerd")) {
      expect(container(deployment, "linkerd-init")).toBeUndefined();
      expect(container(deployment, "linkerd-network-validator")?.args).toContain("10.1.2.3:20001");
    }
  });

  test("a mesh without heartbeat and injection has neither of their objects, and extra values are applied", async () => {
    expect(await list<V1CronJob>("batch/v1", "CronJob", "linkerd")).toEqual([]);
    const group = "admissionregistration.k8s.io/v1";
    const policies = (await list(group, "MutatingAdmissionPolicy")).map((policy) => policy.metadata?.name);
    expect(policies).not.toContain("linkerd-inject-by-label");
    for (const { spec } of await deployments("linkerd")) {
      expect(spec?.template.spec?.priorityClassName).toBe("system-cluster-critical");
    }
  });

  test("a second up with production settings changes nothing", async () => {
    const { summary } = await stack.up();
    expect(changes(summary.resourceChanges)).toEqual({});
  });
});

describe("the same stack with injection mode namespace", () => {
  beforeAll(async () => {
    stack = await openMesh("production", {
      clusterNetworks: ["127.0.0.0/8"],
      injection: "namespace",
      imageRegistry: REGISTRY,
      replicas: 2,
      // In the sandbox nothing serves the tap API of viz, so a deleted namespace would never terminate. Keep the plugin.
      cni: true,
    });
    await stack.up();
  });

  test("in injection mode namespace, the injector is called only for labelled pods", async () => {
    const { webhooks } = await read<V1MutatingWebhookConfiguration>(
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      "linkerd-proxy-injector-webhook-config",
    );
    expect(webhooks?.[0]?.objectSelector?.matchExpressions).toContainEqual({
      key: "linkerd.io/inject",
      operator: "In",
      values: ["enabled", "ingress"],
    });
  });

  test("the pods of viz have the label, and all their images come from the registry, including Prometheus", async () => {
    const viz = await deployments("linkerd-viz");
    expect(viz).toHaveLength(5);
    for (const deployment of viz) {
      expect(deployment.spec?.template.metadata?.labels?.["linkerd.io/inject"]).toBe("enabled");
      expect(images(deployment).filter((image) => !image.startsWith(`${REGISTRY}/`))).toEqual([]);
    }
  });

  test("workloads run the configured number of replicas", async () => {
    for (const { spec } of await deployments("linkerd")) expect(spec?.replicas).toBe(2);
    expect((await read<V1Deployment>("apps/v1", "Deployment", "tap", "linkerd-viz")).spec?.replicas).toBe(2);
  });

  test("the pods of viz run without privileges", async () => {
    const viz = await deployments("linkerd-viz");
    expect(viz.map((deployment) => deployment.status?.readyReplicas)).toEqual(
      viz.map((deployment) => deployment.spec?.replicas),
    );
  });
});
