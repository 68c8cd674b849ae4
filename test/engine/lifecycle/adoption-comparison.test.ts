import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { V1ConfigMap, V1Deployment, V1Secret } from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StackConfig } from "../../../sandbox/engine.ts";
import { client, deleteDefinitions, inventory, list, read, run } from "../../support/cluster.ts";
import { type HelmIdentity, helmInstall, helmInstallControlPlane } from "../../support/helm-install.ts";
import { makeIdentity, makeWebhooks } from "../../support/pem.ts";
import { openShell } from "../../support/shell.ts";
import { readVersions } from "../../support/snapshot.ts";
import { changes, failureOf, openMesh } from "../../support/stack.ts";

const SETTINGS = { clusterNetworks: ["127.0.0.0/8"], viz: false, adopt: true };

const directory = mkdtempSync(join(tmpdir(), "adoption-comparison-"));
const open = (name: string, settings: StackConfig) => openMesh(name, { ...SETTINGS, ...settings });

/** Removes a stack that was never deployed. */
const remove = ({ name, workspace }: Stack) => workspace.removeStack(name, { force: true });

/**
 * Asserts that preview and up are rejected with these messages and change nothing in the cluster. Returns the commands
 * after `Fix: `.
 */
async function expectRejection(stack: Stack, ...messages: string[]): Promise<string[]> {
  const before = await readVersions();
  const failures = [
    await failureOf((options) => stack.preview(options)),
    await failureOf((options) => stack.up(options)),
  ];
  for (const failure of failures) for (const message of messages) expect(failure).toContain(message);
  expect(await readVersions()).toEqual(before);
  return [...(failures[0] ?? "").matchAll(/Fix: ((?:pulumi|kubectl) .*)$/gm)].map(([, fix = ""]) => fix);
}

/** Asserts that a preview of an adoption replaces and deletes nothing. */
async function expectAdoptable(stack: Stack): Promise<void> {
  const { import: imported, update, create, ...others } = changes((await stack.preview()).changeSummary);
  expect(others).toEqual({});
  // Two releases and a namespace.
  expect(imported).toBe(3);
}

/** Settings that provide these certificates. */
const provide = (anchor: string, { certPem, keyPem }: HelmIdentity["issuer"], others: object = {}) => ({
  mode: "provided",
  trustAnchors: anchor,
  issuer: { certificate: certPem, key: keyPem },
  ...others,
});

beforeAll(() => helmInstall("linkerd-crds", "linkerd", ["--set=installGatewayAPI=true"]));

afterAll(async () => {
  await run("kubectl", "delete", "namespace", "linkerd", "--ignore-not-found");
  for (const domain of ["linkerd.io", "gateway.networking.k8s.io"]) await deleteDefinitions(domain);
  rmSync(directory, { recursive: true });
});

describe("a mesh whose issuer is in Helm's values", () => {
  let identity: HelmIdentity;
  let other: HelmIdentity;
  let objects: string[];

  beforeAll(async () => {
    identity = await helmInstallControlPlane(directory);
    other = await makeIdentity();
    objects = await inventory();
  });

  afterAll(async () => {
    expect(await inventory()).toEqual(objects);
    await run("helm", "uninstall", "linkerd-control-plane", "-n", "linkerd", "--wait");
  });

  test("an adoption in another namespace, with another trust domain or with cert-manager's certificates is rejected without a change, and the messages adopt the mesh", async () => {
    const stack = await open("rejected", {
      namespace: "mesh",
      trustDomain: "mesh.example",
      certificates: { mode: "certManager", create: false },
    });
    const shell = openShell(stack);
    const inNamespace = "take the mesh over: pulumi config set namespace linkerd";
    await expectRejection(stack, `${inNamespace}, then follow docs/adoption.md`);
    shell("pulumi config set namespace linkerd");
    const fixes = await expectRejection(
      stack,
      'linkerd-mesh:trustDomain: must be the value of the running mesh, got "mesh.example", while the mesh has "cluster.local".',
      'linkerd-mesh:certificates.mode: must be "provided" to keep the ConfigMap linkerd-identity-trust-roots, got "certManager".',
    );
    for (const fix of fixes) shell(fix);
    await expectAdoptable(stack);
    await remove(stack);
  });

  test.each<[difference: string, settings: () => StackConfig, messages: string[]]>([
    [
      "other trust anchors, webhook certificates, networks and another cluster domain",
      () => ({
        clusterDomain: "k8s.example",
        clusterNetworks: ["10.0.0.0/8"],
        certificates: provide(other.anchor.certPem, other.issuer, { webhooks: { external: true } }),
      }),
      [
        "linkerd-mesh:certificates.trustAnchors: must contain every trust anchor of the running mesh, got a bundle without CN=root.linkerd.cluster.local",
        "linkerd-mesh:certificates.webhooks: must not be external while the Secrets of the webhook servers belong to Helm releases",
        'linkerd-mesh:clusterDomain: must be the value of the running mesh, got "k8s.example", while the mesh has "cluster.local".',
        "linkerd-mesh:clusterNetworks: must contain the networks of the running mesh, got a list without 127.0.0.0/8.",
      ],
    ],
    [
      "an issuer of an anchor that proxies do not hold",
      () => ({
        certificates: provide(identity.anchor.certPem + other.anchor.certPem, other.issuer),
      }),
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
  ])(
    "an adoption with %s is rejected without a change, and the commands in the messages adopt the mesh",
    async (_, settings, messages) => {
      const stack = await open("rejected", settings());
      const shell = openShell(stack);
      for (const fix of await expectRejection(stack, ...messages)) shell(fix);
      await expectAdoptable(stack);
      await remove(stack);
    },
  );
});

describe("a mesh with its trust anchor in Helm's values and an issuer that someone else renews", () => {
  const MANAGED = { "cert-manager.io/certificate-name": "linkerd-identity-issuer" };
  let identity: HelmIdentity;
  let webhooks: Awaited<ReturnType<typeof makeWebhooks>>;
  let stack: Stack;

  /** Creates a Secret by hand, as cert-manager would. */
  const createSecret = (name: string, cert: string, key: string, annotations: Record<string, string> = {}) =>
    client().create<V1Secret>({
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata: { name, namespace: "linkerd", annotations },
      stringData: { "tls.crt": cert, "tls.key": key, "ca.crt": identity.anchor.certPem },
    });

  beforeAll(async () => {
    identity = await makeIdentity();
    webhooks = await makeWebhooks();
    const { issuer, anchor } = identity;
    await createSecret("linkerd-identity-issuer", issuer.certPem, issuer.keyPem, MANAGED);
    const write = (name: string, text: string) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    };
    const values = [
      `--set-file=identityTrustAnchorsPEM=${write("anchor.pem", anchor.certPem)}`,
      "--set=identity.issuer.scheme=kubernetes.io/tls,clusterNetworks=127.0.0.0/8",
    ];
    const servers = [
      ["proxyInjector", "linkerd-proxy-injector"],
      ["profileValidator", "linkerd-sp-validator"],
      ["policyValidator", "linkerd-policy-validator"],
    ] as const;
    for (const [server, service] of servers) {
      const { certificate, key } = webhooks[server];
      const annotations = { "cert-manager.io/certificate-name": service };
      await createSecret(`${service}-k8s-tls`, certificate, key, annotations);
      values.push(`--set=${server}.externalSecret=true`);
      values.push(`--set-file=${server}.caBundle=${write("webhooks.pem", webhooks.ca)}`);
    }
    await helmInstall("linkerd-control-plane", "linkerd", values);
    stack = await open("external", { certificates: { mode: "certManager", create: false } });
  });

  afterAll(async () => {
    await stack.destroy();
    await remove(stack);
  });

  const trustRoots = () => read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");

  test("an adoption in mode certManager, which would delete the trust bundle, is rejected, and the message adopts the mesh", async () => {
    const fixes = await expectRejection(
      stack,
      'linkerd-mesh:certificates.mode: must be "provided" to keep the ConfigMap linkerd-identity-trust-roots, got "certManager". ' +
        "Helm release linkerd-control-plane owns the ConfigMap and would delete it, and then no pod of the mesh starts. Fix: ",
    );
    const shell = openShell(stack);
    for (const fix of fixes) shell(fix);
    const caFixes = await expectRejection(
      stack,
      "linkerd-mesh:certificates.webhooks.ca: must be the CA of the running webhook servers, got nothing",
    );
    for (const fix of caFixes) shell(fix);
    await expectAdoptable(stack);
  });

  test("an adoption that would replace the issuer and the webhook certificates of cert-manager is rejected, and the message adopts the mesh", async () => {
    const greedy = await open("greedy", { certificates: provide(identity.anchor.certPem, identity.issuer) });
    const fixes = await expectRejection(
      greedy,
      "linkerd-mesh:certificates.issuer: must be external to keep the Secret linkerd-identity-issuer, got a certificate and a key. " +
        "cert-manager (Certificate linkerd-identity-issuer) manages the Secret and would replace them.",
      "linkerd-mesh:certificates.webhooks: must be external to keep the Secrets of the webhook servers, got certificates that Pulumi manages. " +
        "cert-manager (Certificate linkerd-proxy-injector) manages the certificates of linkerd-proxy-injector, linkerd-sp-validator, linkerd-policy-validator",
    );
    const shell = openShell(greedy);
    for (const fix of fixes) shell(fix);
    await expectAdoptable(greedy);
    await remove(greedy);
  });

  test("an adopted mesh keeps its trust bundle, and the Secrets of cert-manager", async () => {
    const before = await readVersions();
    const bundle = await trustRoots();
    const adopted = changes((await stack.up()).summary.resourceChanges);
    expect(adopted).toEqual({ import: 3, update: 3, create: expect.any(Number) });
    expect((await trustRoots()).metadata?.uid).toBe(bundle.metadata?.uid);
    expect((await trustRoots()).data).toEqual(bundle.data);
    const after = await readVersions();
    const secrets = Object.keys(before).filter((key) => /linkerd-identity-issuer|-k8s-tls/.test(key));
    expect(secrets).toHaveLength(4);
    for (const secret of secrets) expect(after[secret]).toBe(before[secret]);
    for (const { metadata, status } of await list<V1Deployment>("apps/v1", "Deployment", "linkerd")) {
      expect(status?.readyReplicas, metadata?.name).toBe(status?.replicas);
    }
  });

  test("a mesh with an external issuer does not report it, and its next preview shows no changes", async () => {
    await stack.removeConfig("adopt");
    // The annotation of this stack on its objects.
    await stack.up();
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
    const { certificates, trustBundlePem } = await stack.outputs();
    expect(certificates?.value).toEqual([expect.objectContaining({ name: "trust-anchor" })]);
    expect(trustBundlePem?.value.trim()).toBe(identity.anchor.certPem.trim());
  });

  test("a renewed issuer is not a change, and a bundle without the running anchor is rejected", async () => {
    const renewed = await makeIdentity({ anchor: identity.anchor });
    const data = { "tls.crt": renewed.issuer.certPem, "tls.key": renewed.issuer.keyPem };
    const patch = JSON.stringify({ stringData: data });
    await run("kubectl", "patch", "secret", "linkerd-identity-issuer", "-n", "linkerd", "-p", patch);
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
    const { anchor } = await makeIdentity();
    await stack.setConfig("certificates.trustAnchors", { value: anchor.certPem }, true);
    expect(await failureOf((options) => stack.up(options))).toContain(
      "linkerd-mesh:certificates.trustAnchors: must keep the anchor of the deployed issuer until a deployment in which another issuer signs",
    );
  });
});
