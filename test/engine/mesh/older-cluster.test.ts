import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  KubeConfig,
  KubernetesObjectApi,
  type V1MutatingWebhookConfiguration,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Cluster, deleteCluster, startCluster } from "../../../sandbox/cluster.ts";
import { changes, failureOf, openMesh, stateOf } from "../../support/stack.ts";

// Without viz, whose API would keep the namespaces of a cluster that nobody serves it in.
const mesh = { clusterNetworks: ["127.0.0.0/8"], viz: false };

const on = (kubeconfig: string) => ({ ...inject("engine"), kubeconfig });
const typesIn = (stack: string): string[] =>
  JSON.parse(stateOf("linkerd-mesh", stack)).checkpoint.latest.resources.map((r: { type: string }) => r.type);

describe("on a cluster without admission policies for it", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), "linkerd-mesh-older-"));
    cluster = await startCluster({
      name: "older",
      directory,
      tools: inject("tools"),
      nodes: 1,
      emulatedVersion: "1.35",
    });
  });
  afterAll(() => deleteCluster(cluster.directory));

  test("injection by policy fails preview and up with what mends it, before anything is made", async () => {
    const stack = await openMesh("older-policy", mesh, on(cluster.kubeconfig));
    const told =
      /linkerd-mesh:injection: the cluster runs Kubernetes v1\.\d+\.\d+ and has no MutatingAdmissionPolicy .* pulumi config set injection namespace$/m;
    expect(await failureOf((options) => stack.preview(options))).toMatch(told);
    expect(await failureOf((options) => stack.up(options))).toMatch(told);
    // The stack itself, and the provider that was asked.
    expect(typesIn(stack.name).filter((type) => !type.startsWith("pulumi:"))).toEqual([]);
  });

  test("injection in annotated namespaces comes up, and the injector sees labelled pods only", async () => {
    const stack = await openMesh(
      "older-namespace",
      { ...mesh, injection: "namespace" },
      on(cluster.kubeconfig),
    );
    await stack.up();
    const config = new KubeConfig();
    config.loadFromFile(cluster.kubeconfig);
    const { webhooks } = await KubernetesObjectApi.makeApiClient(config).read<
      V1MutatingWebhookConfiguration & { metadata: { name: string } }
    >({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: { name: "linkerd-proxy-injector-webhook-config" },
    });
    expect(webhooks?.[0]?.objectSelector?.matchExpressions).toContainEqual({
      key: "linkerd.io/inject",
      operator: "In",
      values: ["enabled", "ingress"],
    });
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
  });
});

describe("where no cluster answers", () => {
  const kubeconfig = join(mkdtempSync(join(tmpdir(), "unreachable-")), "kubeconfig");
  beforeAll(() => {
    const ours = readFileSync(inject("engine").kubeconfig, "utf8");
    writeFileSync(kubeconfig, ours.replace(/https:\/\/127\.0\.0\.1:\d+/, "https://127.0.0.1:1"));
  });

  test("injection by policy says so, and not that the cluster is too old", async () => {
    const stack = await openMesh("unreachable-policy", mesh, on(kubeconfig));
    const failure = await failureOf((options) => stack.preview(options));
    expect(failure).toMatch(/- kubernetes:context: no cluster answers, /);
    expect(failure).not.toContain("the cluster runs Kubernetes");
  });

  test.each(["namespace", "off"])(
    "a preview of injection %s shows the mesh that will be",
    async (injection) => {
      const stack = await openMesh(`unreachable-${injection}`, { ...mesh, injection }, on(kubeconfig));
      const { changeSummary } = await stack.preview();
      expect(changeSummary.create).toBeGreaterThan(30);
    },
  );
});
