import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { V1ConfigMap } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import * as tls from "@pulumi/tls";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { MeshedDeployment, TrustAnchor } from "../../../components/index.ts";
import { list } from "../../support/cluster.ts";
import { runWithPolicies } from "../../support/policies.ts";
import { openMesh, openProgram } from "../../support/stack.ts";

/** Names of the ConfigMaps that tests create. */
async function configMaps(): Promise<string[]> {
  const found = await list<V1ConfigMap>("v1", "ConfigMap", "default");
  return found.map(({ metadata }) => metadata?.name ?? "").filter((name) => name.startsWith("policy-"));
}

describe("the stack of the mesh", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await openMesh("policies", { clusterNetworks: ["127.0.0.0/8"], viz: false });
  });

  afterAll(async () => {
    await stack.destroy();
    await stack.workspace.removeStack("policies");
  });

  test("the stack passes all policies in its first preview, in `up` and in the preview after it", async () => {
    for (const operation of ["preview", "up", "preview"] as const) {
      expect(await runWithPolicies(stack, operation)).toMatchObject({
        pack: expect.any(String),
        violations: [],
        succeeded: true,
      });
    }
  });
});

/** What a team might deploy. */
function deployWorkloads(): void {
  const labels = { app: "web" };
  const containers = [{ name: "web", image: "web:1" }];
  const metadata = { namespace: "default" };
  new MeshedDeployment("web", {
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { hostNetwork: true, containers } },
    },
  });
  new k8s.core.v1.Pod("undecided", { metadata, spec: { containers } });
}

/** Certificates of a team. In a preview, the certificates themselves are not known. */
function createCertificates(): void {
  const anchor = new TrustAnchor("anchor", { identity: "root.example", validityYears: 1 });
  const key = new tls.PrivateKey("leaf-key", { algorithm: "ECDSA" });
  const request = new tls.CertRequest("leaf-request", {
    privateKeyPem: key.privateKeyPem,
    subject: { commonName: "leaf.example" },
  });
  new tls.LocallySignedCert("leaf", {
    certRequestPem: request.certRequestPem,
    caCertPem: anchor.certPem,
    caPrivateKeyPem: anchor.privateKeyPem,
    isCaCertificate: true,
    allowedUses: ["server_auth"],
    validityPeriodHours: 8_760,
  });
}

describe("a stack that violates policies", () => {
  test("a preview fails with each mandatory violation and shows the advisory ones", async () => {
    const stack = await openProgram("violations", "preview", async () => {
      deployWorkloads();
      createCertificates();
      new k8s.core.v1.ConfigMap("policy-key", { data: { key: "-----BEGIN PRIVATE KEY-----" } });
      new k8s.helm.v3.Release("redis", {
        chart: "redis",
        repositoryOpts: { repo: "https://charts.example" },
      });
    });
    const { violations, succeeded, output } = await runWithPolicies(stack, "preview");
    console.log(output, violations);
    expect(succeeded).toBe(false);
    expect(output).toContain("[mandatory]  keys-in-secrets  (kubernetes:core/v1:ConfigMap: policy-key)");
    await stack.workspace.removeStack("preview");
  });

  test("`up` does not create a resource with a mandatory violation", async () => {
    const stack = await openProgram("violations", "up", async () => {
      const metadata = { name: "policy-key", namespace: "default" };
      new k8s.core.v1.ConfigMap("policy-key", { metadata, data: { key: "-----BEGIN PRIVATE KEY-----" } });
    });
    expect(await runWithPolicies(stack, "up")).toMatchObject({ succeeded: false });
    expect(await configMaps()).toEqual([]);
    await stack.workspace.removeStack("up");
  });

  test("the configuration of the pack selects levels, namespaces and days", async () => {
    const config = join(inject("engine").directory, "policy-config.json");
    writeFileSync(
      config,
      JSON.stringify({
        "keys-in-secrets": "advisory",
        "meshed-namespaces": { enforcementLevel: "mandatory", namespaces: ["default"] },
      }),
    );
    const stack = await openProgram("violations", "configured", async () => {
      const metadata = { name: "policy-key", namespace: "default" };
      const containers = [{ name: "web", image: "web:1" }];
      new k8s.core.v1.ConfigMap("policy-key", { metadata, data: { key: "-----BEGIN PRIVATE KEY-----" } });
      new k8s.core.v1.Pod("undecided", { metadata, spec: { containers } });
    });
    const { violations, succeeded } = await runWithPolicies(stack, "preview", { config: [config] });
    expect(succeeded).toBe(false);
    expect(violations.map(({ policy, level, resource }) => [policy, level, resource])).toEqual([
      ["keys-in-secrets", "advisory", "policy-key"],
      ["meshed-namespaces", "mandatory", "undecided"],
    ]);
    await stack.workspace.removeStack("configured");
  });
});
