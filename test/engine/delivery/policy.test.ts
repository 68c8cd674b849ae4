import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { V1ConfigMap } from "@kubernetes/client-node";
import * as k8s from "@pulumi/kubernetes";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import * as tls from "@pulumi/tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MeshedDeployment, TrustAnchor } from "../../../components/index.ts";
import { RULES } from "../../../policy/rules/rules.ts";
import { list } from "../../support/cluster.ts";
import { testEngine } from "../../support/engine.ts";
import { runWithPolicies } from "../../support/policies.ts";
import { openMesh, openProgram } from "../../support/stack.ts";

/** A chart that the provider reads without a repository. */
const CHART = join(import.meta.dirname, "../../../sandbox/charts/linkerd-crds");

/** The first lines of a private key. */
const KEY = `-----BEGIN PRIVATE KEY-----\n${"MIGH".repeat(16)}\n`;

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

  test("the stack passes all policies in its first preview and in `up`", async () => {
    for (const operation of ["preview", "up"] as const) {
      const { violations, passed, output } = await runWithPolicies(stack, operation);
      expect(violations).toEqual([]);
      expect(passed).toEqual(RULES.map(({ name }) => name).sort());
      expect(output).toMatch(/Policies:\n {4}✅ linkerd-mesh@v/);
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
function createCertificates(): TrustAnchor {
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
  return anchor;
}

/** A violation with the first sentence of its message. */
function violation(policy: string, resource: string, message: string, level = "mandatory") {
  return { policy, level, resource, message };
}

describe("a stack that violates policies", () => {
  test("a preview fails with each mandatory violation and shows the advisory ones", async () => {
    const stack = await openProgram("violations", "test", async () => {
      deployWorkloads();
      const { certPem } = createCertificates();
      new k8s.core.v1.ConfigMap("key", { data: { key: KEY } });
      // The provider replaces a range by the version that it finds, unless another input is not known.
      new k8s.helm.v3.Release("crds", { chart: CHART, version: ">=2026.1.1", values: { certPem } });
    });
    const { violations, succeeded, output } = await runWithPolicies(stack, "preview");
    expect(succeeded).toBe(false);
    expect(violations.map(({ message, ...rest }) => ({ ...rest, message: message.split(". ")[0] }))).toEqual([
      violation("pinned-charts", "crds", 'version: must be one exact version, got ">=2026.1.1"'),
      violation("keys-in-secrets", "key", "data.key: must not contain a private key, got a private key"),
      violation(
        "certificate-chains",
        "leaf",
        "validityPeriodHours: must be less than 8760, the validity of its CA anchor-cert, got 8760",
      ),
      violation(
        "certificate-roles",
        "leaf",
        "allowedUses: must contain cert_signing for a CA, got server_auth",
      ),
      violation(
        "certificate-keys",
        "leaf-key",
        "ecdsaCurve: must be P256, P384 or P521, got nothing, for which the provider uses P224",
      ),
      violation(
        "meshed-namespaces",
        "undecided",
        'metadata.annotations["linkerd.io/inject"]: must be enabled, ingress or disabled in the meshed namespace default, got nothing',
        "advisory",
      ),
      violation(
        "injectable-workloads",
        "web",
        "spec.template.spec.hostNetwork: must not keep the proxy out of a meshed pod, got true",
      ),
    ]);
    expect(output).toContain("[mandatory]  keys-in-secrets  (kubernetes:core/v1:ConfigMap: key)");
  });

  /** A ConfigMap with a key, and a workload without a decision about the mesh. */
  const open = () =>
    openProgram("violations", "test", async () => {
      const metadata = { name: "policy-key", namespace: "default" };
      const containers = [{ name: "report", image: "report:1" }];
      new k8s.core.v1.ConfigMap("key", { metadata, data: { key: KEY } });
      const template = { spec: { containers, restartPolicy: "Never" } };
      new k8s.batch.v1.CronJob("report", {
        metadata: { name: "policy-report", namespace: "default" },
        spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template } } },
      });
    });

  test("`up` does not create a resource with a mandatory violation", async () => {
    expect(await runWithPolicies(await open(), "up")).toMatchObject({
      violations: [{ policy: "keys-in-secrets", level: "mandatory" }],
      succeeded: false,
    });
    expect(await configMaps()).toEqual([]);
  });

  test("`up` shows advisory violations, and the configuration of the pack selects levels and namespaces", async () => {
    const config = join(testEngine().directory, "policy-config.json");
    writeFileSync(
      config,
      JSON.stringify({ "keys-in-secrets": "advisory", "meshed-namespaces": { namespaces: ["default"] } }),
    );
    const stack = await open();
    const { violations, succeeded } = await runWithPolicies(stack, "up", { config: [config] });
    expect(violations.map(({ policy, level, resource }) => [policy, level, resource])).toEqual([
      ["keys-in-secrets", "advisory", "key"],
      ["meshed-namespaces", "advisory", "report"],
    ]);
    expect(succeeded).toBe(true);
    expect(await configMaps()).toEqual(["policy-key"]);
    await stack.destroy();
  });
});
