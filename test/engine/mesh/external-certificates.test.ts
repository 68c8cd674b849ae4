import type {
  KubernetesObject,
  V1ConfigMap,
  V1MutatingWebhookConfiguration,
  V1Secret,
} from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { client, list, read, run } from "../../support/cluster.ts";
import { makeIdentity, makeWebhooks } from "../../support/pem.ts";
import { changes, failureOf, openMesh } from "../../support/stack.ts";

const SETTINGS = { clusterNetworks: ["127.0.0.0/8"], viz: false, useExistingNamespaces: true };

const tlsSecrets = async () =>
  (await list<V1Secret>("v1", "Secret", "linkerd")).filter(({ type }) => type === "kubernetes.io/tls");

const injectorConfiguration = () =>
  read<V1MutatingWebhookConfiguration>(
    "admissionregistration.k8s.io/v1",
    "MutatingWebhookConfiguration",
    "linkerd-proxy-injector-webhook-config",
  );

describe("certificates in Secrets that someone else creates", () => {
  let identity: Awaited<ReturnType<typeof makeIdentity>>;
  let ca: string;
  let stack: Stack;
  let before: (string | undefined)[];

  const versions = async () => (await tlsSecrets()).map(({ metadata }) => metadata?.resourceVersion);

  beforeAll(async () => {
    identity = await makeIdentity();
    const webhooks = await makeWebhooks();
    ca = webhooks.ca;
    await client().create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "linkerd" } });
    const { certPem, keyPem } = identity.issuer;
    for (const [name, pair] of [
      ["linkerd-identity-issuer", { certificate: certPem, key: keyPem }],
      ["linkerd-proxy-injector-k8s-tls", webhooks.proxyInjector],
      ["linkerd-sp-validator-k8s-tls", webhooks.profileValidator],
      ["linkerd-policy-validator-k8s-tls", webhooks.policyValidator],
    ] as const) {
      await client().create<V1Secret>({
        apiVersion: "v1",
        kind: "Secret",
        type: "kubernetes.io/tls",
        metadata: { name, namespace: "linkerd" },
        stringData: { "tls.crt": pair.certificate, "tls.key": pair.key },
      });
    }
    before = await versions();
    stack = await openMesh("external-certificates", {
      ...SETTINGS,
      certificates: {
        mode: "provided",
        trustAnchors: identity.anchor.certPem,
        issuer: { external: true },
        webhooks: { external: true, ca },
      },
    });
    await stack.up();
  });

  afterAll(async () => {
    await stack.destroy();
    await stack.workspace.removeStack(stack.name);
    await run("kubectl", "delete", "namespace", "linkerd");
  });

  test("a fresh mesh uses the Secrets that someone else creates", async () => {
    expect(before).toHaveLength(4);
    expect(await versions()).toEqual(before);
    const roots = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");
    expect(roots.data?.["ca-bundle.crt"]).toBe(identity.anchor.certPem.trim());
    const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-config", "linkerd");
    expect(parse(data?.values ?? "")).toMatchObject({
      identity: { externalCA: false, issuer: { scheme: "kubernetes.io/tls" } },
      proxyInjector: { externalSecret: true, caBundle: ca, injectCaFrom: "" },
    });
    const bundle = (await injectorConfiguration()).webhooks?.[0]?.clientConfig.caBundle ?? "";
    expect(Buffer.from(bundle, "base64").toString().trim()).toBe(ca.trim());
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
  });

  test("trust anchors may be added, and the anchor of the issuer in the cluster may not be removed", async () => {
    const next = await makeIdentity();
    const setAnchors = (pem: string) => stack.setConfig("certificates.trustAnchors", { value: pem }, true);
    await setAnchors(next.anchor.certPem);
    expect(await failureOf((options) => stack.preview(options))).toContain(
      "linkerd-mesh:certificates.trustAnchors: must keep the anchor of the deployed issuer until a deployment in which another issuer signs, got a bundle without the anchor CN=root.linkerd.cluster.local",
    );
    await setAnchors(identity.anchor.certPem + next.anchor.certPem);
    const { replace, delete: deleted } = changes((await stack.preview()).changeSummary);
    expect({ replace, deleted }).toEqual({});
    await stack.up();
    await setAnchors(next.anchor.certPem);
    expect(await failureOf((options) => stack.up(options))).toContain(
      "must keep the anchor of the deployed issuer",
    );
    await setAnchors(identity.anchor.certPem);
    await stack.up();
  });

  test("in mode certManager, webhook certificates of someone else have the given CA", async () => {
    await stack.setAllConfig(
      {
        "certificates.mode": { value: "certManager" },
        "certificates.create": { value: "false" },
        "certificates.acceptTrustAnchorOutage": { value: "true" },
      },
      true,
    );
    await stack.removeConfig("certificates.trustAnchors", true);
    await stack.removeConfig("certificates.issuer", true);
    await stack.up();
    expect(await versions()).toEqual(before);
    const bundle = (await injectorConfiguration()).webhooks?.[0]?.clientConfig.caBundle ?? "";
    expect(Buffer.from(bundle, "base64").toString().trim()).toBe(ca.trim());
    const configMaps = await list<KubernetesObject>("v1", "ConfigMap", "linkerd");
    expect(configMaps.map(({ metadata }) => metadata?.name)).not.toContain("linkerd-identity-trust-roots");
  });

  test("without a CA, cert-manager injects the CA of each server's Certificate", async () => {
    await stack.removeConfig("certificates.webhooks", true);
    await stack.up();
    const { metadata } = await injectorConfiguration();
    expect(metadata?.annotations?.["cert-manager.io/inject-ca-from"]).toBe("linkerd/linkerd-proxy-injector");
  });
});
