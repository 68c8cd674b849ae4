import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  KubeConfig,
  KubernetesObjectApi,
  type V1MutatingWebhookConfiguration,
} from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Cluster, deleteCluster, startCluster } from "../../../sandbox/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { changes, failureOf, openMesh, stateOf } from "../../support/stack.ts";

// Without viz: nothing serves its API in the sandbox, so no namespace of the cluster could be deleted.
const mesh = { clusterNetworks: ["127.0.0.0/8"], viz: false };

const on = (kubeconfig: string) => ({ ...testEngine(), kubeconfig });
const typesIn = (stack: string): string[] =>
  JSON.parse(stateOf("linkerd-mesh", stack)).checkpoint.latest.resources.map((r: { type: string }) => r.type);

describe("a cluster without MutatingAdmissionPolicy", () => {
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

  test("injection by policy fails preview and up with a fix, before anything is created", async () => {
    const stack = await openMesh("older-policy", mesh, on(cluster.kubeconfig));
    const message =
      /linkerd-mesh:injection: must be "namespace" or "off" on this cluster, got "policy"\. It runs Kubernetes v1\.\d+\.\d+, and "policy" needs MutatingAdmissionPolicy .* Fix: pulumi config set injection namespace$/m;
    expect(await failureOf((options) => stack.preview(options))).toMatch(message);
    expect(await failureOf((options) => stack.up(options))).toMatch(message);
    // Only the stack and the provider that answered are in the state.
    expect(typesIn(stack.name).filter((type) => !type.startsWith("pulumi:"))).toEqual([]);
  });

  test("injection mode namespace deploys to an older cluster, and the injector is called only for labelled pods", async () => {
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
