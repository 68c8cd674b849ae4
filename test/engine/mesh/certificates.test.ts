import type {
  KubernetesObject,
  V1ConfigMap,
  V1MutatingWebhookConfiguration,
  V1ValidatingWebhookConfiguration,
} from "@kubernetes/client-node";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { IdentityIssuer, ServiceMesh, TrustAnchor } from "../../../components/index.ts";
import { client, list, openssl, read, secretText } from "../../support/cluster.ts";
import { verifies } from "../../support/openssl.ts";
import { makeIdentity, makeWebhooks, traditionalKey } from "../../support/pem.ts";
import {
  changes,
  failureOf,
  openMesh,
  openProgram,
  PRIVATE_KEY,
  stateOf,
  upVerbosely,
} from "../../support/stack.ts";

const NETWORKS = { clusterNetworks: ["127.0.0.0/8"] };
const SERVERS = [
  ["proxyInjector", "linkerd-proxy-injector", "linkerd"],
  ["profileValidator", "linkerd-sp-validator", "linkerd"],
  ["policyValidator", "linkerd-policy-validator", "linkerd"],
  ["tap", "tap", "linkerd-viz"],
  ["tapInjector", "tap-injector", "linkerd-viz"],
] as const;

type Hooks = V1MutatingWebhookConfiguration | V1ValidatingWebhookConfiguration;
const GROUP = "admissionregistration.k8s.io/v1";
async function webhookConfigurations(): Promise<Hooks[]> {
  return [
    ...(await list<V1MutatingWebhookConfiguration>(GROUP, "MutatingWebhookConfiguration")),
    ...(await list<V1ValidatingWebhookConfiguration>(GROUP, "ValidatingWebhookConfiguration")),
  ];
}
const trustRoots = () => read<V1ConfigMap>("v1", "ConfigMap", "linkerd-identity-trust-roots", "linkerd");

/** Destroys and removes a stack. */
async function removeStack(stack: Stack) {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
}

describe("provided certificates", () => {
  let given: Awaited<ReturnType<typeof makeCertificates>>;
  let stack: Stack;
  let log: string;

  async function makeCertificates() {
    const { anchor, issuer } = await makeIdentity();
    const { anchor: second } = await makeIdentity({ domain: "second.example" });
    return { anchor, issuer, bundle: anchor.certPem + second.certPem, webhooks: await makeWebhooks() };
  }

  /** Opens the stack with secret keys, as `pulumi config set --secret --path` sets them, one in SEC1, and with CRLF. */
  async function open(identity: typeof given) {
    const { bundle, issuer, webhooks } = identity;
    const publicParts = Object.fromEntries(
      Object.entries(webhooks).map(([key, value]) => [
        key,
        typeof value === "string" ? value : { certificate: value.certificate },
      ]),
    );
    const opened = await openMesh("provided", {
      ...NETWORKS,
      certificates: {
        mode: "provided",
        trustAnchors: bundle.replaceAll("\n", "\r\n"),
        issuer: { certificate: `issued by hand\n${issuer.certPem.trim()}` },
        webhooks: publicParts,
      },
    });
    const secret = (path: string, value: string) =>
      opened.setConfig(`certificates.${path}`, { value, secret: true }, true);
    await secret("issuer.key", traditionalKey(issuer));
    for (const [server] of SERVERS) await secret(`webhooks.${server}.key`, webhooks[server].key);
    return opened;
  }

  beforeAll(async () => {
    given = await makeCertificates();
    stack = await open(given);
    ({ log } = await upVerbosely(stack));
  });
  afterAll(() => removeStack(stack));

  test("the provided trust bundle, issuer and issuer key reach the cluster unchanged", async () => {
    expect((await trustRoots()).data?.["ca-bundle.crt"]).toBe(given.bundle.trim());
    expect(await secretText("linkerd-identity-issuer", "linkerd", "tls.crt")).toBe(given.issuer.certPem);
    expect(await secretText("linkerd-identity-issuer", "linkerd", "tls.key")).toBe(given.issuer.keyPem);
    expect(verifies(given.issuer.certPem, given.bundle, { yearsAhead: 99 })).toBe(true);
  });

  test.each(SERVERS)(
    "%s has the certificate and key that are provided for it, valid for 99 years",
    async (server, service, namespace) => {
      const { certificate, key } = given.webhooks[server];
      const leaf = await secretText(`${service}-k8s-tls`, namespace, "tls.crt");
      expect(leaf).toBe(certificate);
      expect(await secretText(`${service}-k8s-tls`, namespace, "tls.key")).toBe(key);
      const hostname = `${service}.${namespace}.svc`;
      expect(verifies(leaf, given.webhooks.ca, { hostname, yearsAhead: 99 })).toBe(true);
    },
  );

  test("the API server verifies every webhook with the provided CA", async () => {
    const api = await read<KubernetesObject & { spec: { caBundle: string } }>(
      "apiregistration.k8s.io/v1",
      "APIService",
      "v1alpha1.tap.linkerd.io",
    );
    const bundles = (await webhookConfigurations()).flatMap((c) =>
      (c.webhooks ?? []).map((w) => w.clientConfig.caBundle),
    );
    const decoded = [...bundles, api.spec.caBundle].map((b) =>
      Buffer.from(b ?? "", "base64")
        .toString()
        .trim(),
    );
    expect(decoded).toEqual(Array(5).fill(given.webhooks.ca.trim()));
  });

  test("a second up with provided certificates changes nothing", async () => {
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
  });

  test("no provided key is in the state in plain text, in the verbose log, or in the stack's outputs", async () => {
    expect(stateOf("linkerd-mesh", "provided")).not.toMatch(PRIVATE_KEY);
    expect(JSON.stringify(await stack.outputs())).not.toMatch(PRIVATE_KEY);
    expect(log).toContain("RegisterResource RPC finished: resource:linkerd-control-plane-identity-issuer");
    expect(log.match(PRIVATE_KEY)).toBeNull();
  });

  test("replacing the provided identity in one step is rejected, and changes nothing", async () => {
    const before = [await trustRoots(), await secretText("linkerd-identity-issuer", "linkerd", "tls.crt")];
    const { anchor, issuer } = await makeIdentity();
    const next = await open({ ...given, issuer, bundle: anchor.certPem });
    const message = await failureOf((options) => next.up(options));
    expect(message).toMatch(
      /certificates\.issuer\.certificate: must be signed by an anchor that an earlier deployment added to trustAnchors, got one that is signed by .*, while proxies hold CN=/,
    );
    expect(message).toMatch(
      /certificates\.trustAnchors: must keep the anchor of the deployed issuer until a deployment in which another issuer signs, got a bundle without the anchor CN=root\./,
    );
    expect(message).not.toMatch(PRIVATE_KEY);
    expect([await trustRoots(), await secretText("linkerd-identity-issuer", "linkerd", "tls.crt")]).toEqual(
      before,
    );
  });
});

describe("provided certificates that are Outputs and known only during up", () => {
  const program = (domain: string) => async () => {
    const trustAnchor = new TrustAnchor("provided-anchor", { identity: "root.test" });
    const issuer = new IdentityIssuer("provided-issuer", {
      identity: `identity.linkerd.${domain}`,
      trustAnchor,
    });
    new ServiceMesh("outputs", {
      certificates: {
        mode: "provided",
        trustAnchors: trustAnchor.certPem,
        issuer: { certificate: issuer.certPem, key: issuer.privateKeyPem },
      },
    });
  };

  test("Outputs are checked during up, and an issue prevents the creation of the mesh", async () => {
    const stack = await openProgram("outputs", "wrong", program("other.example"));
    const message = await failureOf((options) => stack.up(options));
    expect(message).toMatch(
      /certificates\.issuer\.certificate: must have the DNS name identity\.linkerd\.cluster\.local among its subject alternative names, got DNS:identity\.linkerd\.other\.example\./,
    );
    const created: { type: string }[] = JSON.parse(stateOf("outputs", "wrong")).checkpoint.latest.resources;
    expect(created.filter(({ type }) => /helm|Secret|Namespace/.test(type))).toEqual([]);
    await removeStack(stack);
  });
});

describe("the mode certManager", () => {
  /** A CRD of cert-manager or trust-manager, with a schema that accepts every field. */
  const makeCrd = (group: string, version: string, kind: string, scope: string) => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.toLowerCase()}s.${group}` },
    spec: {
      group,
      scope,
      names: { kind, plural: `${kind.toLowerCase()}s`, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
            },
          },
        },
      ],
    },
  });
  const installed = [
    makeCrd("cert-manager.io", "v1", "Certificate", "Namespaced"),
    makeCrd("cert-manager.io", "v1", "ClusterIssuer", "Cluster"),
    makeCrd("trust.cert-manager.io", "v1alpha1", "Bundle", "Cluster"),
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "cert-manager" } },
  ];
  type Certificate = KubernetesObject & { spec: Record<string, unknown> };
  const certificates = () => list<Certificate>("cert-manager.io/v1", "Certificate");

  beforeAll(async () => {
    for (const object of installed) await client().create(object);
    // The API server takes a moment to serve new kinds.
    for (let tries = 0; tries < 50; tries++) {
      if (
        await certificates().then(
          () => true,
          () => false,
        )
      )
        break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  afterAll(async () => {
    for (const object of installed) await client().delete(object);
  });

  describe.each([
    ["created by the mesh", true],
    ["managed by someone else", false],
  ])("certificates of cert-manager, %s", (_, create) => {
    let stack: Stack;
    let log: string;

    beforeAll(async () => {
      stack = await openMesh("cert-manager", { ...NETWORKS, certificates: { mode: "certManager", create } });
      ({ log } = await upVerbosely(stack));
    });
    afterAll(() => removeStack(stack));

    test("cert-manager provides bundle, issuer and webhook Secrets, and the mesh creates none of them", async () => {
      const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-config", "linkerd");
      expect(data?.values).toMatch(/externalCA: true/);
      await expect(trustRoots()).rejects.toThrow("404");
      await expect(secretText("linkerd-identity-issuer", "linkerd", "tls.crt")).rejects.toThrow("404");
      for (const [, service, namespace] of SERVERS)
        await expect(secretText(`${service}-k8s-tls`, namespace, "tls.crt")).rejects.toThrow("404");
    });

    test("every webhook configuration gets its CA from cert-manager, and has none of its own", async () => {
      const found = (await webhookConfigurations()).map((c) => [
        c.metadata?.annotations?.["cert-manager.io/inject-ca-from"],
        c.webhooks?.[0]?.clientConfig.caBundle,
      ]);
      expect(found).toEqual([
        ["linkerd/linkerd-proxy-injector", undefined],
        ["linkerd-viz/tap-injector", undefined],
        ["linkerd/linkerd-policy-validator", undefined],
        ["linkerd/linkerd-sp-validator", undefined],
      ]);
    });

    test(
      create
        ? "the mesh requests eight certificates for 100 years from cert-manager"
        : "the mesh requests no certificate from cert-manager",
      async () => {
        const requested = (await certificates()).map(({ metadata, spec }) => [
          `${metadata?.namespace}/${metadata?.name}`,
          spec.isCA,
          spec.duration,
          spec.secretName,
        ]);
        const leaf = ([, service, namespace]: (typeof SERVERS)[number]) => [
          `${namespace}/${service}`,
          false,
          "875976h",
          `${service}-k8s-tls`,
        ];
        expect(requested.sort()).toEqual(
          create
            ? [
                ["cert-manager/linkerd-trust-anchor", true, "876000h", "linkerd-trust-anchor"],
                ["cert-manager/linkerd-webhooks", true, "876000h", "linkerd-webhooks"],
                ["linkerd/linkerd-identity-issuer", true, "875976h", "linkerd-identity-issuer"],
                ...SERVERS.map(leaf),
              ].sort()
            : [],
        );
      },
    );

    test("a second up changes nothing, even after cert-manager has set the CA of the webhooks", async () => {
      const name = "linkerd-proxy-injector-webhook-config";
      const hooks = await read<V1MutatingWebhookConfiguration>(GROUP, "MutatingWebhookConfiguration", name);
      const { certPem } = (await makeIdentity()).anchor;
      for (const hook of hooks.webhooks ?? [])
        hook.clientConfig.caBundle = Buffer.from(certPem).toString("base64");
      await client().replace(hooks);
      expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
    });

    test.runIf(create)("requested certificates have the configured namespace and validity", async () => {
      const validityYears = { trustAnchor: 30, issuer: 20, webhooks: 10 };
      stack = await openMesh("cert-manager", {
        ...NETWORKS,
        certificates: { mode: "certManager", create, namespace: "default", validityYears },
      });
      await stack.up();
      const durations = (await certificates()).map(({ metadata, spec }) => [
        `${metadata?.namespace}/${metadata?.name}`,
        spec.duration,
      ]);
      expect(Object.fromEntries(durations)).toEqual({
        "default/linkerd-trust-anchor": `${30 * 8760}h`,
        "linkerd/linkerd-identity-issuer": `${20 * 8760}h`,
        "default/linkerd-webhooks": `${10 * 8760}h`,
        // They are valid for one day less than their CA.
        ...Object.fromEntries(
          SERVERS.map(([, service, where]) => [`${where}/${service}`, `${10 * 8760 - 24}h`]),
        ),
      });
    });

    test("no key is in the state in plain text or in the verbose log with cert-manager", () => {
      expect(stateOf("linkerd-mesh", "cert-manager")).not.toMatch(PRIVATE_KEY);
      expect(log.match(PRIVATE_KEY)).toBeNull();
    });
  });
});

describe("an identity of more than 64 characters", () => {
  const domain = `${"a".repeat(60)}.example`;

  test("an identity of more than 64 characters is only in the SAN, and the issuer verifies for 99 years", async () => {
    const stack = await openProgram("long-names", "test", async () => {
      const trustAnchor = new TrustAnchor("anchor", { identity: `root.linkerd.${domain}` });
      const issuer = new IdentityIssuer("issuer", { identity: `identity.linkerd.${domain}`, trustAnchor });
      return { anchor: trustAnchor.certPem, issuer: issuer.certPem };
    });
    const { outputs } = await stack.up();
    const [anchor, issuer] = [String(outputs.anchor?.value), String(outputs.issuer?.value)];
    expect(openssl(["x509", "-noout", "-subject"], issuer).trim()).toBe("subject=O = identity");
    expect(openssl(["x509", "-noout", "-ext", "subjectAltName"], issuer)).toContain(
      `DNS:identity.linkerd.${domain}`,
    );
    expect(verifies(issuer, anchor, { yearsAhead: 99 })).toBe(true);
    expect(changes((await stack.preview()).changeSummary)).toEqual({});
    await removeStack(stack);
  });
});
