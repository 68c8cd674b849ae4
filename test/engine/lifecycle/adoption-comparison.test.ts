import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1ConfigMap } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { StackConfig } from "../../../sandbox/engine.ts";
import { expectAdopted, expectRejection } from "../../support/adoption.ts";
import { deleteDefinitions, read, run, secretText } from "../../support/cluster.ts";
import { type HelmIdentity, helmInstall, helmInstallControlPlane } from "../../support/helm-install.ts";
import { makeIdentity } from "../../support/pem.ts";
import { openShell } from "../../support/shell.ts";
import { openMesh } from "../../support/stack.ts";

const directory = mkdtempSync(join(tmpdir(), "adoption-comparison-"));
let identity: HelmIdentity;
let other: HelmIdentity;
let stack: Stack | undefined;

/** Settings that provide these certificates. */
const provide = (anchors: string, { certPem, keyPem }: HelmIdentity["issuer"], others: object = {}) => ({
  mode: "provided",
  trustAnchors: anchors,
  issuer: { certificate: certPem, key: keyPem },
  ...others,
});

beforeAll(async () => {
  other = await makeIdentity();
});

// Each adoption starts from a mesh that only Helm has changed, in the layout of Linkerd's guide.
beforeEach(async () => {
  await helmInstall("linkerd-crds", "linkerd", ["--set=installGatewayAPI=true"]);
  identity = await helmInstallControlPlane(directory);
});

afterEach(async () => {
  await stack?.destroy();
  await stack?.workspace.removeStack(stack.name);
  stack = undefined;
  // What a test that failed before the adoption leaves.
  await run("kubectl", "delete", "namespace", "linkerd", "--ignore-not-found");
  for (const domain of ["linkerd.io", "gateway.networking.k8s.io"]) await deleteDefinitions(domain);
});

afterAll(() => rmSync(directory, { recursive: true }));

test.each<[difference: string, settings: () => StackConfig, ...runs: string[][]]>([
  [
    "another namespace, and certificates of cert-manager",
    () => ({ namespace: "mesh", certificates: { mode: "certManager", create: false } }),
    ["or take the mesh over: pulumi config set namespace linkerd, then follow docs/adoption.md"],
    [
      'linkerd-mesh:certificates.mode: must be "provided" to keep the ConfigMap linkerd-identity-trust-roots, got "certManager".',
    ],
  ],
  [
    "another trust domain, cluster domain and other networks",
    () => ({
      trustDomain: "mesh.example",
      clusterDomain: "k8s.example",
      clusterNetworks: ["10.0.0.0/8"],
      certificates: provide(identity.anchor.certPem, identity.issuer),
    }),
    [
      'linkerd-mesh:trustDomain: must be the value of the running mesh, got "mesh.example", while the mesh has "cluster.local".',
      'linkerd-mesh:clusterDomain: must be the value of the running mesh, got "k8s.example", while the mesh has "cluster.local".',
      "linkerd-mesh:clusterNetworks: must contain the networks of the running mesh, got a list without 127.0.0.0/8.",
    ],
  ],
  [
    "another trust anchor",
    () => ({ certificates: provide(other.anchor.certPem, other.issuer) }),
    [
      "linkerd-mesh:certificates.trustAnchors: must contain every trust anchor of the running mesh, got a bundle without CN=root.linkerd.cluster.local",
      "linkerd-mesh:certificates.issuer: must be signed by a trust anchor of the running mesh",
    ],
  ],
  [
    "an issuer of an anchor that proxies do not hold",
    () => ({ certificates: provide(identity.anchor.certPem + other.anchor.certPem, other.issuer) }),
    [
      "linkerd-mesh:certificates.issuer: must be signed by a trust anchor of the running mesh, got an issuer that is signed by CN=root.linkerd.cluster.local, while proxies hold",
    ],
  ],
  [
    "another identity scheme",
    () => ({
      certificates: {
        mode: "provided",
        trustAnchors: identity.anchor.certPem,
        issuer: { external: true },
      },
    }),
    [
      "linkerd-mesh:certificates.issuer.external: must not be true while the Secret linkerd-identity-issuer belongs to a Helm release, got true.",
    ],
  ],
  [
    "webhook certificates of someone else",
    () => ({
      certificates: provide(identity.anchor.certPem, identity.issuer, { webhooks: { external: true } }),
    }),
    [
      "linkerd-mesh:certificates.webhooks: must not be external while the Secrets of the webhook servers belong to Helm releases",
    ],
  ],
])(
  "an adoption with %s is rejected without a change, and the commands in the messages adopt the mesh without replacing or deleting anything",
  async (_, settings, ...runs) => {
    stack = await openMesh("compared", {
      clusterNetworks: ["127.0.0.0/8"],
      viz: false,
      adopt: true,
      ...settings(),
    });
    const shell = openShell(stack);
    for (const messages of runs) for (const fix of await expectRejection(stack, ...messages)) shell(fix);
    await expectAdopted(stack);
    const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");
    expect(data?.["ca-bundle.crt"]).toContain(identity.anchor.certPem.trim());
    const issuer = await secretText("linkerd-identity-issuer", "linkerd", "tls.crt");
    expect(issuer.trim()).toBe(identity.issuer.certPem.trim());
  },
);
