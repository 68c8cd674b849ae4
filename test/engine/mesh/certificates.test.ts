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

async function gone(stack: Stack) {
  await stack.destroy();
  await stack.workspace.removeStack(stack.name);
}

describe("certificates that were brought", () => {
  let given: Awaited<ReturnType<typeof bring>>;
  let stack: Stack;
  let log: string;

  async function bring() {
    const { anchor, issuer } = await makeIdentity();
    const { anchor: second } = await makeIdentity({ domain: "second.example" });
    return { anchor, issuer, bundle: anchor.certPem + second.certPem, webhooks: await makeWebhooks() };
  }

  /** The keys as `pulumi config set --secret --path` puts them there, SEC1 and with Windows' line ends. */
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
    given = await bring();
    stack = await open(given);
    ({ log } = await upVerbosely(stack));
  });
  afterAll(() => gone(stack));

  test("reach the cluster as they are: bundle, issuer and key", async () => {
    expect((await trustRoots()).data?.["ca-bundle.crt"]).toBe(given.bundle.trim());
    expect(await secretText("linkerd-identity-issuer", "linkerd", "tls.crt")).toBe(given.issuer.certPem);
    expect(await secretText("linkerd-identity-issuer", "linkerd", "tls.key")).toBe(given.issuer.keyPem);
    expect(verifies(given.issuer.certPem, given.bundle, { yearsAhead: 99 })).toBe(true);
  });

  test.each(SERVERS)(
    "%s serves the pair that was brought for it, good for 99 years",
    async (server, service, namespace) => {
      const { certificate, key } = given.webhooks[server];
      const leaf = await secretText(`${service}-k8s-tls`, namespace, "tls.crt");
      expect(leaf).toBe(certificate);
      expect(await secretText(`${service}-k8s-tls`, namespace, "tls.key")).toBe(key);
      const hostname = `${service}.${namespace}.svc`;
      expect(verifies(leaf, given.webhooks.ca, { hostname, yearsAhead: 99 })).toBe(true);
    },
  );

  test("every webhook is checked against the authority that was brought", async () => {
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

  test("a second up changes nothing", async () => {
    expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
  });

  test("no key lies in the state, nor in the verbose log, nor in Pulumi's outputs", async () => {
    expect(stateOf("linkerd-mesh", "provided")).not.toMatch(PRIVATE_KEY);
    expect(JSON.stringify(await stack.outputs())).not.toMatch(PRIVATE_KEY);
    expect(log).toContain("RegisterResource RPC finished: resource:linkerd-control-plane-identity-issuer");
    expect(log.match(PRIVATE_KEY)).toBeNull();
  });

  test("another identity at once is refused, and changes nothing", async () => {
    const before = [await trustRoots(), await secretText("linkerd-identity-issuer", "linkerd", "tls.crt")];
    const { anchor, issuer } = await makeIdentity();
    const next = await open({ ...given, issuer, bundle: anchor.certPem });
    const message = await failureOf((options) => next.up(options));
    expect(message).toMatch(/certificates\.issuer\.certificate: none of the anchors that proxies hold/);
    expect(message).toMatch(
      /certificates\.trustAnchors: the anchor of the issuer that signs now .* would be retired/,
    );
    expect(message).not.toMatch(PRIVATE_KEY);
    expect([await trustRoots(), await secretText("linkerd-identity-issuer", "linkerd", "tls.crt")]).toEqual(
      before,
    );
  });
});

describe("certificates that are Outputs, known during up only", () => {
  const program = (domain: string) => async () => {
    const trustAnchor = new TrustAnchor("brought-anchor", { identity: "root.test" });
    const issuer = new IdentityIssuer("brought-issuer", {
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

  test("are checked then, and nothing of the mesh is made where they are wrong", async () => {
    const stack = await openProgram("outputs", "wrong", program("other.example"));
    const message = await failureOf((options) => stack.up(options));
    expect(message).toMatch(
      /certificates\.issuer\.certificate: it is made out to DNS:identity\.linkerd\.other\.example\. Expected the DNS name identity\.linkerd\.cluster\.local/,
    );
    const made: { type: string }[] = JSON.parse(stateOf("outputs", "wrong")).checkpoint.latest.resources;
    expect(made.filter(({ type }) => /helm|Secret|Namespace/.test(type))).toEqual([]);
    await gone(stack);
  });
});

describe("certificates of cert-manager", () => {
  /** What cert-manager and trust-manager would have installed: their kinds, which keep whatever they are given. */
  const definition = (group: string, version: string, kind: string, scope: string) => ({
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
    definition("cert-manager.io", "v1", "Certificate", "Namespaced"),
    definition("cert-manager.io", "v1", "ClusterIssuer", "Cluster"),
    definition("trust.cert-manager.io", "v1alpha1", "Bundle", "Cluster"),
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
    ["asked for by us", true],
    ["somebody else's", false],
  ])("%s", (_, create) => {
    let stack: Stack;
    let log: string;

    beforeAll(async () => {
      stack = await openMesh("cert-manager", { ...NETWORKS, certificates: { mode: "certManager", create } });
      ({ log } = await upVerbosely(stack));
    });
    afterAll(() => gone(stack));

    test("bundle, issuer and webhook Secrets are left to it", async () => {
      const { data } = await read<V1ConfigMap>("v1", "ConfigMap", "linkerd-config", "linkerd");
      expect(data?.values).toMatch(/externalCA: true/);
      await expect(trustRoots()).rejects.toThrow("404");
      await expect(secretText("linkerd-identity-issuer", "linkerd", "tls.crt")).rejects.toThrow("404");
      for (const [, service, namespace] of SERVERS)
        await expect(secretText(`${service}-k8s-tls`, namespace, "tls.crt")).rejects.toThrow("404");
    });

    test("every webhook asks it for the authority, and publishes none of its own", async () => {
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

    test(create ? "it is asked for eight certificates of 100 years" : "it is asked for nothing", async () => {
      const asked = (await certificates()).map(({ metadata, spec }) => [
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
      expect(asked.sort()).toEqual(
        create
          ? [
              ["cert-manager/linkerd-trust-anchor", true, "876000h", "linkerd-trust-anchor"],
              ["cert-manager/linkerd-webhooks", true, "876000h", "linkerd-webhooks"],
              ["linkerd/linkerd-identity-issuer", true, "875976h", "linkerd-identity-issuer"],
              ...SERVERS.map(leaf),
            ].sort()
          : [],
      );
    });

    test("a second up changes nothing, also after it has put the authority in", async () => {
      const name = "linkerd-proxy-injector-webhook-config";
      const hooks = await read<V1MutatingWebhookConfiguration>(GROUP, "MutatingWebhookConfiguration", name);
      const { certPem } = (await makeIdentity()).anchor;
      for (const hook of hooks.webhooks ?? [])
        hook.clientConfig.caBundle = Buffer.from(certPem).toString("base64");
      await client().replace(hooks);
      expect(changes((await stack.up()).summary.resourceChanges)).toEqual({});
    });

    test.runIf(create)("asked elsewhere and for fewer years, it is asked for just that", async () => {
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
        // They end a day before what signs them.
        ...Object.fromEntries(
          SERVERS.map(([, service, where]) => [`${where}/${service}`, `${10 * 8760 - 24}h`]),
        ),
      });
    });

    test("no key lies in the state, nor in the verbose log", () => {
      expect(stateOf("linkerd-mesh", "cert-manager")).not.toMatch(PRIVATE_KEY);
      expect(log.match(PRIVATE_KEY)).toBeNull();
    });
  });
});

describe("an identity of more than 64 characters", () => {
  const domain = `${"a".repeat(60)}.example`;

  test("stands in the SAN alone, and verifies 99 years ahead", async () => {
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
    await gone(stack);
  });
});
