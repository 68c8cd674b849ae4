import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  V1ConfigMap,
  V1MutatingWebhookConfiguration,
  V1Secret,
  V1ValidatingWebhookConfiguration,
} from "@kubernetes/client-node";
import type { PreviewResult, Stack, UpResult } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StackConfig } from "../../../sandbox/engine.ts";
import {
  expectAdoptable,
  expectAdopted,
  expectRejection,
  readDocumentedCommands,
} from "../../support/adoption.ts";
import { client, deleteDefinitions, inventory, read, run, secretText } from "../../support/cluster.ts";
import { helmInstall } from "../../support/helm-install.ts";
import { verifies } from "../../support/openssl.ts";
import { makeIdentity, makeWebhooks } from "../../support/pem.ts";
import { openShell } from "../../support/shell.ts";
import { readVersions } from "../../support/snapshot.ts";
import { changes, failureOf, openMesh } from "../../support/stack.ts";

type Identity = Awaited<ReturnType<typeof makeIdentity>>;

const directory = mkdtempSync(join(tmpdir(), "adoption-external-issuer-"));
const SETTINGS = { clusterNetworks: ["127.0.0.0/8"], viz: false };
const open = (name: string, settings: StackConfig = {}) => openMesh(name, { ...SETTINGS, ...settings });

/** Removes a stack that was never deployed. */
const remove = ({ name, workspace }: Stack) => workspace.removeStack(name, { force: true });

const trustRoots = () => read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");

/** Creates a Secret by hand. */
const createSecret = (
  name: string,
  pair: { certificate: string; key: string },
  annotations: Record<string, string> = {},
) =>
  client().create<V1Secret>({
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/tls",
    metadata: { name, namespace: "linkerd", annotations },
    stringData: { "tls.crt": pair.certificate, "tls.key": pair.key },
  });

const issuerPair = ({ issuer }: Identity) => ({ certificate: issuer.certPem, key: issuer.keyPem });

/** Writes a file for Helm. */
function writeFile(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

/** Values of a control plane with its trust anchor as a value, and the issuer in a Secret that someone else manages. */
const identityValues = ({ anchor }: Identity) => [
  `--set-file=identityTrustAnchorsPEM=${writeFile("anchor.pem", anchor.certPem)}`,
  "--set=identity.issuer.scheme=kubernetes.io/tls,clusterNetworks=127.0.0.0/8",
];

/** The webhook servers: their Services, and the kind of their configuration. */
const WEBHOOKS = [
  ["proxyInjector", "linkerd-proxy-injector", "MutatingWebhookConfiguration"],
  ["profileValidator", "linkerd-sp-validator", "ValidatingWebhookConfiguration"],
  ["policyValidator", "linkerd-policy-validator", "ValidatingWebhookConfiguration"],
] as const;

/** Asserts that the API server can verify the certificate of every webhook server. Returns the certificates. */
async function expectWorkingWebhooks(): Promise<string[]> {
  const certificates = WEBHOOKS.map(async ([, service, kind]) => {
    const { webhooks } = await read<V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration>(
      "admissionregistration.k8s.io/v1",
      kind,
      `${service}-webhook-config`,
    );
    const ca = Buffer.from(webhooks?.[0]?.clientConfig.caBundle ?? "", "base64").toString();
    const certificate = await secretText(`${service}-k8s-tls`, "linkerd", "tls.crt");
    expect(verifies(certificate, ca, { hostname: `${service}.linkerd.svc` }), service).toBe(true);
    return certificate;
  });
  return Promise.all(certificates);
}

afterAll(async () => {
  await run("kubectl", "delete", "namespace", "linkerd", "--ignore-not-found");
  for (const domain of ["linkerd.io", "gateway.networking.k8s.io"]) await deleteDefinitions(domain);
  rmSync(directory, { recursive: true });
});

/** All objects but the CRDs of the Gateway API, which an earlier file may have left. */
const listOthers = async () =>
  (await inventory()).filter((object) => !object.endsWith("gateway.networking.k8s.io"));

describe("a mesh with its trust anchor in Helm's values, an issuer that someone else renews, and the chart's webhook certificates", () => {
  let identity: Identity;
  let stack: Stack;
  let before: string[];

  beforeAll(async () => {
    before = await listOthers();
    identity = await makeIdentity();
    await helmInstall("linkerd-crds", "linkerd", ["--set=installGatewayAPI=true"]);
    await createSecret("linkerd-identity-issuer", issuerPair(identity));
    await helmInstall("linkerd-control-plane", "linkerd", identityValues(identity));
    stack = await open("static-anchor");
  });

  test("an adoption in mode certManager, which would delete the trust bundle, is rejected without a change, and the message adopts the mesh", async () => {
    const wrong = await open("wrong-mode", {
      adopt: true,
      certificates: { mode: "certManager", create: false },
    });
    const shell = openShell(wrong);
    const fixes = await expectRejection(
      wrong,
      'linkerd-mesh:certificates.mode: must be "provided" to keep the ConfigMap linkerd-identity-trust-roots, got "certManager". ' +
        "Helm release linkerd-control-plane owns the ConfigMap and would delete it, and then no pod of the mesh starts. " +
        "Fix: pulumi config rm certificates && pulumi config set --path certificates.mode provided && ",
    );
    for (const fix of fixes) shell(fix);
    await expectAdoptable(wrong);
    await remove(wrong);
  });

  test("the documented commands adopt the mesh, and keep its trust bundle, its issuer and working webhooks", async () => {
    const versions = await readVersions();
    const bundle = await trustRoots();
    const chartCertificates = await expectWorkingWebhooks();
    const previews: PreviewResult[] = [];
    const ups: UpResult[] = [];
    const shell = openShell(stack);
    const certificates = readDocumentedCommands("## Which certificates to set", "text");
    expect(certificates).toHaveLength(3);
    // As the page describes: the four commands about certificates are replaced, and `kubectl patch` is left out.
    const [adopt, ...rest] = readDocumentedCommands();
    const others = rest.filter((line) => !/certificates\.|^kubectl patch /.test(line));
    expect(others).toHaveLength(rest.length - 5);
    for (const line of [adopt, ...certificates, ...others]) {
      // See adoption.test.ts.
      if (line === "pulumi up") ups.push(await stack.up());
      else if (line?.startsWith("pulumi preview")) previews.push(await stack.preview());
      else shell(line ?? "");
    }

    const [adopted, cleanedUp] = ups.map(({ summary }) => changes(summary.resourceChanges));
    expect(adopted).toEqual({ import: 3, update: 3, create: expect.any(Number) });
    expect(previews.map(({ changeSummary }) => changes(changeSummary))).toEqual([adopted]);
    // Three Secrets of webhook servers, the namespace, the policy and its binding.
    expect(cleanedUp).toEqual({ update: 6 });
    expect((await trustRoots()).metadata?.uid).toBe(bundle.metadata?.uid);
    expect((await trustRoots()).data).toEqual(bundle.data);
    const issuer = "Secret/linkerd/linkerd-identity-issuer";
    expect(versions[issuer]).toMatch(/^\d+$/);
    expect((await readVersions())[issuer]).toBe(versions[issuer]);
    const ownCertificates = await expectWorkingWebhooks();
    for (const certificate of ownCertificates) expect(chartCertificates).not.toContain(certificate);
  });

  test("a second up and a preview after the adoption change nothing", async () => {
    const versions = await readVersions();
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
    expect(await readVersions()).toEqual(versions);
  });

  test("a destroy of the adopted mesh leaves nothing but the CRDs of the Gateway API", async () => {
    await stack.destroy();
    await stack.workspace.removeStack(stack.name);
    expect(await listOthers()).toEqual(before);
  });
});

describe("a mesh with its trust anchor in Helm's values, and an issuer and webhook certificates of cert-manager", () => {
  let identity: Identity;
  let stack: Stack;

  beforeAll(async () => {
    identity = await makeIdentity();
    const webhooks = await makeWebhooks();
    await helmInstall("linkerd-crds", "linkerd", ["--set=installGatewayAPI=true"]);
    const managed = (certificate: string) => ({ "cert-manager.io/certificate-name": certificate });
    const issuer = "linkerd-identity-issuer";
    await createSecret(issuer, issuerPair(identity), managed(issuer));
    const values = identityValues(identity);
    for (const [server, service] of WEBHOOKS) {
      await createSecret(`${service}-k8s-tls`, webhooks[server], managed(service));
      values.push(`--set=${server}.externalSecret=true`);
      values.push(`--set-file=${server}.caBundle=${writeFile("webhooks.pem", webhooks.ca)}`);
    }
    await helmInstall("linkerd-control-plane", "linkerd", values);
    stack = await open("external", { adopt: true, certificates: { mode: "certManager", create: false } });
  });

  afterAll(async () => {
    await stack.destroy();
    await stack.workspace.removeStack(stack.name);
  });

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
    const { anchor } = identity;
    const certificates = {
      mode: "provided",
      trustAnchors: anchor.certPem,
      issuer: issuerPair(identity),
    };
    const greedy = await open("greedy", { adopt: true, certificates });
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
    const versions = await readVersions();
    const bundle = await trustRoots();
    await expectAdopted(stack);
    expect((await trustRoots()).metadata?.uid).toBe(bundle.metadata?.uid);
    expect((await trustRoots()).data).toEqual(bundle.data);
    const after = await readVersions();
    const secrets = Object.keys(versions).filter((key) => /linkerd-identity-issuer|-k8s-tls/.test(key));
    expect(secrets).toHaveLength(4);
    for (const secret of secrets) expect(after[secret]).toBe(versions[secret]);
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
