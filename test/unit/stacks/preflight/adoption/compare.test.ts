import { beforeAll, describe, expect, test } from "vitest";
import { compareWithRunningMesh } from "../../../../../stacks/preflight/adoption/compare.ts";
import type {
  Manager,
  RunningConfig,
  RunningMesh,
  RunningWebhook,
} from "../../../../../stacks/preflight/adoption/running-mesh.ts";
import { formatStackIssue } from "../../../../../stacks/settings/settings-error.ts";
import { makeCertificate, makeIdentity, makeWebhooks } from "../../../../support/pem.ts";
import { config, parseSettings } from "../../../../support/settings.ts";

type Identity = Awaited<ReturnType<typeof makeIdentity>>;
let identity: Identity;
let other: Identity;
let webhooks: Awaited<ReturnType<typeof makeWebhooks>>;

beforeAll(async () => {
  identity = await makeIdentity();
  other = await makeIdentity();
  webhooks = await makeWebhooks();
});

const HELM: Manager = { kind: "helm", name: "Helm release linkerd-control-plane" };
const manager = (certificate: string): Manager => ({
  kind: "other",
  name: `cert-manager (Certificate ${certificate})`,
});

const CONFIG: RunningConfig = {
  trustDomain: "cluster.local",
  clusterDomain: "cluster.local",
  clusterNetworks: ["10.0.0.0/8", "fd00::/8"],
  cni: false,
  defaultInboundPolicy: "all-unauthenticated",
  ports: {
    skipOutbound: "4567,4568",
    skipInbound: "4567,4568",
    opaque: "25,587,3306,4444,5432,6379,9300,11211",
  },
};

const ofChart: RunningWebhook = {
  secret: { manager: HELM },
  caPem: "",
  injectCaFrom: undefined,
  isCaInjected: false,
};
const sameForAll = (webhook: (service: string) => RunningWebhook) => ({
  proxyInjector: webhook("linkerd-proxy-injector"),
  profileValidator: webhook("linkerd-sp-validator"),
  policyValidator: webhook("linkerd-policy-validator"),
});
const injected = sameForAll((service) => ({
  secret: { manager: manager(service) },
  caPem: "",
  injectCaFrom: `linkerd/${service}`,
  isCaInjected: true,
}));
const withCa = (secretManager?: Manager) =>
  sameForAll(() => ({
    secret: { manager: secretManager },
    caPem: webhooks.ca,
    injectCaFrom: undefined,
    isCaInjected: false,
  }));

/** A mesh that Helm installed, with its issuer in Helm's values. */
const run = (changes: Partial<RunningMesh> = {}): RunningMesh => ({
  versions: { "linkerd-crds": "2026.8.3", "linkerd-control-plane": "2026.8.3" },
  config: CONFIG,
  bundle: { pem: identity.anchor.certPem, manager: HELM },
  issuer: { entries: ["crt.pem", "key.pem"], certPem: identity.issuer.certPem, manager: HELM },
  webhooks: sameForAll(() => ofChart),
  ...changes,
});

const externalIssuer = (): NonNullable<RunningMesh["issuer"]> => ({
  entries: ["ca.crt", "tls.crt", "tls.key"],
  certPem: identity.issuer.certPem,
  manager: manager("linkerd-identity-issuer"),
});
const foreignBundle = (): NonNullable<RunningMesh["bundle"]> => ({
  pem: identity.anchor.certPem,
  manager: { kind: "other", name: "Bundle linkerd-identity-trust-roots" },
});

const provide = ({ anchor, issuer }: Identity, changes: object = {}) => ({
  mode: "provided",
  trustAnchors: anchor.certPem,
  issuer: { certificate: issuer.certPem, key: issuer.keyPem },
  ...changes,
});
const external = (changes: object = {}) => provide(identity, { issuer: { external: true }, ...changes });

/** The messages about the differences between a mesh and settings. */
function compare(running: RunningMesh, settings: Record<string, unknown>): string[] {
  const values = { viz: false, ...settings };
  const planned = parseSettings(config(values));
  return compareWithRunningMesh(running, planned).map((issue) =>
    formatStackIssue(issue, { values: planned, isSecret: () => false }),
  );
}

const STORE_BUNDLE =
  "kubectl get configmap linkerd-identity-trust-roots -n linkerd -o 'jsonpath={.data.ca-bundle\\.crt}' | pulumi config set --path certificates.trustAnchors";
const STORE_CA =
  "kubectl get mutatingwebhookconfiguration linkerd-proxy-injector-webhook-config -o 'jsonpath={.webhooks[0].clientConfig.caBundle}' | base64 -d | pulumi config set --path certificates.webhooks.ca";
const storeIssuer = (certificate: string, key: string) =>
  [
    `kubectl get secret linkerd-identity-issuer -n linkerd -o 'jsonpath={.data.${certificate}}' | base64 -d | pulumi config set --path certificates.issuer.certificate`,
    `kubectl get secret linkerd-identity-issuer -n linkerd -o 'jsonpath={.data.${key}}' | base64 -d | pulumi config set --secret --path certificates.issuer.key`,
  ].join(" && ");

describe("settings that keep the running mesh", () => {
  test.each<[layout: string, running: () => RunningMesh, certificates: () => object]>([
    ["an issuer in Helm's values", () => run(), () => provide(identity)],
    [
      "more trust anchors than the mesh has",
      () => run(),
      () => provide(identity, { trustAnchors: identity.anchor.certPem + other.anchor.certPem }),
    ],
    [
      "a trust anchor in Helm's values and an issuer of cert-manager",
      () => run({ issuer: externalIssuer() }),
      () => external(),
    ],
    [
      "webhook certificates of cert-manager with an injected CA",
      () => run({ issuer: externalIssuer(), webhooks: injected }),
      () => external({ webhooks: { external: true } }),
    ],
    [
      "webhook certificates of cert-manager with a given CA",
      () => run({ webhooks: withCa(manager("linkerd-sp-validator")) }),
      () => provide(identity, { webhooks: { external: true, ca: webhooks.ca } }),
    ],
    [
      "Secrets that were created by hand",
      () => run({ issuer: { ...externalIssuer(), manager: undefined }, webhooks: withCa() }),
      () => provide(identity),
    ],
    [
      "cert-manager and trust-manager for everything",
      () => run({ bundle: foreignBundle(), issuer: externalIssuer(), webhooks: injected }),
      () => ({ mode: "certManager", create: false }),
    ],
    [
      "trust-manager for the identity, and the chart's webhook certificates",
      () => run({ bundle: foreignBundle(), issuer: externalIssuer() }),
      () => ({ mode: "certManager", create: false, webhooks: { external: false } }),
    ],
    ["a mesh without linkerd-config", () => run({ config: undefined }), () => provide(identity)],
    [
      "a mesh whose trust bundle and issuer are missing",
      () => run({ bundle: undefined, issuer: undefined }),
      () => provide(identity),
    ],
  ])("a mesh with %s is adopted by the settings for it", (_, running, certificates) => {
    expect(compare(running(), { certificates: certificates() })).toEqual([]);
  });

  test("a trust anchor that has expired does not have to stay", async () => {
    const expired = await makeCertificate("root.linkerd.cluster.local", -1, { beginsIn: -2 });
    const bundle = { pem: identity.anchor.certPem + expired.certPem, manager: HELM };
    expect(compare(run({ bundle }), { certificates: provide(identity) })).toEqual([]);
  });

  test("an upgrade of the charts is not a difference", () => {
    const versions = { "linkerd-crds": "2026.6.3", "linkerd-control-plane": "2026.6.3" };
    expect(compare(run({ versions }), { certificates: provide(identity) })).toEqual([]);
  });
});

describe("viz's Prometheus", () => {
  const volume = { size: "20Gi", storageClass: undefined, accessMode: "ReadWriteOnce" };
  const differences = (monitoring: object) =>
    compare(run({ prometheus: { volume, retention: "7d" } }), {
      certificates: provide(identity),
      viz: true,
      monitoring,
    }).filter((message) => message.includes("monitoring"));

  test("settings with which Helm or Prometheus would delete samples are rejected", () => {
    expect(differences({})).toEqual([
      "linkerd-mesh:monitoring.prometheus.volume: must be the volume of the running Prometheus, got nothing. Helm would delete " +
        "the volume with all samples. Fix: pulumi config set --path monitoring.prometheus.volume.size 20Gi && pulumi config set " +
        "--path monitoring.prometheus.volume.accessMode ReadWriteOnce",
      'linkerd-mesh:monitoring.prometheus.retention: must not be shorter than that of the running Prometheus, got "6h", while it ' +
        'has "7d". Prometheus would delete older samples. Fix: pulumi config set --path monitoring.prometheus.retention 7d',
    ]);
    expect(differences({ prometheus: { retention: "7d", volume: { size: "10Gi" } } })).toEqual([
      expect.stringContaining("volume.size: must not be less than the size of the volume, got 10Gi"),
    ]);
  });

  test("the same volume and retention, or another Prometheus, are accepted", () => {
    expect(differences({ prometheus: { retention: "7d", volume: { size: "20Gi" } } })).toEqual([]);
    expect(differences({ external: { url: "http://prometheus:9090" } })).toEqual([]);
  });
});

describe("differences that proxies would not survive", () => {
  test.each<[difference: string, running: () => RunningMesh, certificates: () => object, messages: string[]]>(
    [
      [
        "generated certificates",
        () => run(),
        () => ({ mode: "generated" }),
        [
          `linkerd-mesh:certificates.mode: must keep the trust anchors of the running mesh, got "generated". Running proxies do not trust a new anchor. Fix: pulumi config rm certificates && pulumi config set --path certificates.mode provided && ${STORE_BUNDLE} && ${storeIssuer("crt\\.pem", "key\\.pem")}`,
        ],
      ],
      [
        "a trust bundle that Helm would delete, and an issuer of cert-manager",
        () => run({ issuer: externalIssuer() }),
        () => ({ mode: "certManager", create: false }),
        [
          `linkerd-mesh:certificates.mode: must be "provided" to keep the ConfigMap linkerd-identity-trust-roots, got "certManager". Helm release linkerd-control-plane owns the ConfigMap and would delete it, and then no pod of the mesh starts. Fix: pulumi config rm certificates && pulumi config set --path certificates.mode provided && ${STORE_BUNDLE} && pulumi config set --path certificates.issuer.external true`,
        ],
      ],
      [
        "a trust bundle that someone else manages",
        () => run({ bundle: foreignBundle(), issuer: externalIssuer() }),
        () => external(),
        [
          'linkerd-mesh:certificates.mode: must be "certManager" with create: false to keep the ConfigMap linkerd-identity-trust-roots, got "provided". Bundle linkerd-identity-trust-roots manages the ConfigMap, and Helm changes no object that it did not install. Fix: pulumi config rm certificates && pulumi config set --path certificates.mode certManager && pulumi config set --path certificates.create false && pulumi config set --path certificates.webhooks.external false',
        ],
      ],
      [
        "a new trust anchor of cert-manager",
        () => run({ bundle: foreignBundle(), issuer: externalIssuer(), webhooks: injected }),
        () => ({ mode: "certManager" }),
        [
          "linkerd-mesh:certificates.create: must be false to keep the trust anchors of the running mesh, got true. cert-manager would issue a new anchor, which running proxies do not trust. Fix: pulumi config set --path certificates.create false",
        ],
      ],
      [
        "an issuer that Helm would delete, with a trust bundle of someone else",
        () => run({ bundle: foreignBundle(), webhooks: injected }),
        () => ({ mode: "certManager", create: false }),
        [
          'linkerd-mesh:certificates.mode: must not be certManager while the Secret linkerd-identity-issuer belongs to a Helm release, got "certManager". Helm release linkerd-control-plane would delete the Secret. Fix: follow docs/adoption.md, "An issuer in Helm values without its anchor"',
        ],
      ],
      [
        "an external issuer that Helm would delete",
        () => run(),
        () => external(),
        [
          `linkerd-mesh:certificates.issuer.external: must not be true while the Secret linkerd-identity-issuer belongs to a Helm release, got true. Helm release linkerd-control-plane would delete the Secret, and the identity controller could not start. Fix: pulumi config rm --path certificates.issuer && ${storeIssuer("crt\\.pem", "key\\.pem")}`,
        ],
      ],
      [
        "an external issuer without a Secret",
        () => run({ issuer: undefined }),
        () => external(),
        [
          'linkerd-mesh:certificates.issuer.external: must be used with a Secret linkerd-identity-issuer that has tls.crt and tls.key, got no Secret. The identity controller reads these entries. Fix: create the Secret as in docs/certificates.md, "An issuer that someone else manages"',
        ],
      ],
      [
        "an issuer of cert-manager that Pulumi would overwrite",
        () => run({ issuer: externalIssuer() }),
        () => provide(identity),
        [
          "linkerd-mesh:certificates.issuer: must be external to keep the Secret linkerd-identity-issuer, got a certificate and a key. cert-manager (Certificate linkerd-identity-issuer) manages the Secret and would replace them. Fix: pulumi config rm --path certificates.issuer && pulumi config set --path certificates.issuer.external true",
        ],
      ],
      [
        "webhook certificates that Helm would delete",
        () => run(),
        () => provide(identity, { webhooks: { external: true } }),
        [
          "linkerd-mesh:certificates.webhooks: must not be external while the Secrets of the webhook servers belong to Helm releases, got external certificates for linkerd-proxy-injector, linkerd-sp-validator, linkerd-policy-validator. Helm would delete the Secrets, and the API server could not call the webhooks. Fix: pulumi config rm --path certificates.webhooks",
        ],
      ],
      [
        "webhook certificates that Helm would delete, in mode certManager",
        () => run({ bundle: foreignBundle(), issuer: externalIssuer() }),
        () => ({ mode: "certManager", create: false }),
        [
          "linkerd-mesh:certificates.webhooks: must not be external while the Secrets of the webhook servers belong to Helm releases, got external certificates for linkerd-proxy-injector, linkerd-sp-validator, linkerd-policy-validator. Helm would delete the Secrets, and the API server could not call the webhooks. Fix: pulumi config set --path certificates.webhooks.external false",
        ],
      ],
      [
        "webhook certificates of cert-manager that Pulumi would overwrite",
        () => run({ webhooks: injected }),
        () => provide(identity),
        [
          "linkerd-mesh:certificates.webhooks: must be external to keep the Secrets of the webhook servers, got certificates that Pulumi manages. cert-manager (Certificate linkerd-proxy-injector) manages the certificates of linkerd-proxy-injector, linkerd-sp-validator, linkerd-policy-validator and would replace those of Pulumi. Fix: pulumi config set --path certificates.webhooks.external true",
        ],
      ],
      [
        "a CA that cert-manager does not inject",
        () => run({ webhooks: withCa(manager("linkerd-sp-validator")) }),
        () => provide(identity, { webhooks: { external: true } }),
        [
          `linkerd-mesh:certificates.webhooks.ca: must be the CA of the running webhook servers, got nothing, so that cert-manager would inject the CA of Certificate linkerd/linkerd-proxy-injector, Certificate linkerd/linkerd-sp-validator, Certificate linkerd/linkerd-policy-validator. The API server gets its CA from elsewhere at present. Fix: pulumi config set --path certificates.webhooks.external true && ${STORE_CA}`,
        ],
      ],
      [
        "another CA of the webhooks",
        () => run({ webhooks: withCa(manager("linkerd-sp-validator")) }),
        () => provide(identity, { webhooks: { external: true, ca: other.anchor.certPem } }),
        [
          `linkerd-mesh:certificates.webhooks.ca: must contain the CA of every running webhook server, got a bundle without the CA of linkerd-proxy-injector, linkerd-sp-validator, linkerd-policy-validator. The API server would reject the certificates of these servers. Fix: ${STORE_CA}`,
        ],
      ],
      [
        "webhook certificates with two managers",
        () => run({ webhooks: { ...injected, policyValidator: ofChart } }),
        () => provide(identity),
        [
          'linkerd-mesh:certificates.webhooks: must apply to the Secrets of all webhook servers, got a mesh in which Helm manages those of linkerd-policy-validator, and cert-manager (Certificate linkerd-proxy-injector) those of linkerd-proxy-injector, linkerd-sp-validator. The settings have one source for all servers. Fix: follow docs/adoption.md, "Webhook certificates with two managers"',
        ],
      ],
    ],
  )("%s: adoption is rejected with the commands that keep the mesh", (_, running, certificates, messages) => {
    expect(compare(running(), { certificates: certificates() })).toEqual(messages);
  });

  test("trust anchors without one of the running ones are rejected, also if another anchor signed the issuer", () => {
    const bundle = { pem: identity.anchor.certPem + other.anchor.certPem, manager: HELM };
    const [message, ...others] = compare(run({ bundle }), { certificates: provide(identity) });
    expect(others).toEqual([]);
    expect(message).toMatch(
      /^linkerd-mesh:certificates\.trustAnchors: must contain every trust anchor of the running mesh, got a bundle without CN=root\.linkerd\.cluster\.local \(SHA-256 [0-9a-f]{8}…\)\. Proxies reject the certificates of an issuer whose anchor they do not hold\. Fix: kubectl get configmap /,
    );
  });

  test("trust anchors that did not sign the external issuer are rejected", () => {
    const issuer = { ...externalIssuer(), certPem: other.issuer.certPem };
    const [message] = compare(run({ issuer }), { certificates: external() });
    expect(message).toMatch(
      /trustAnchors: .* got a bundle without the anchor CN=root\.linkerd\.cluster\.local of the running issuer\./,
    );
  });

  test("an issuer of another anchor is rejected with the commands that store the running one", () => {
    const certificates = provide(other, { trustAnchors: identity.anchor.certPem + other.anchor.certPem });
    const [message, ...others] = compare(run(), { certificates });
    expect(others).toEqual([]);
    expect(message).toMatch(
      /^linkerd-mesh:certificates\.issuer: must be signed by a trust anchor of the running mesh, got an issuer that is signed by CN=root\.linkerd\.cluster\.local, while proxies hold CN=root\.linkerd\.cluster\.local \(SHA-256 [0-9a-f]{8}…\)\. Running proxies reject the certificates of any other issuer\. Fix: kubectl get secret /,
    );
  });

  test.each<
    [setting: string, running: Partial<RunningConfig>, settings: Record<string, unknown>, message: string]
  >([
    [
      "trustDomain",
      { trustDomain: "corp.example" },
      {},
      'linkerd-mesh:trustDomain: must be the value of the running mesh, got "cluster.local", while the mesh has "corp.example". Proxies reject identities of any other trust domain. Fix: pulumi config set trustDomain corp.example',
    ],
    [
      "clusterDomain",
      { clusterDomain: "k8s.corp" },
      {},
      'linkerd-mesh:clusterDomain: must be the value of the running mesh, got "cluster.local", while the mesh has "k8s.corp". Proxies find Services and identities by this domain. Fix: pulumi config set clusterDomain k8s.corp',
    ],
    [
      "cni",
      { cni: true },
      {},
      "linkerd-mesh:cni: must be the value of the running mesh, got false, while the mesh has true. Pods that restart would not be connected to their proxies. Fix: pulumi config set cni true",
    ],
    [
      "defaultInboundPolicy",
      { defaultInboundPolicy: "deny" },
      {},
      'linkerd-mesh:defaultInboundPolicy: must be the value of the running mesh, got "all-unauthenticated", while the mesh has "deny". Proxies that restart would accept other connections than now. Fix: pulumi config set defaultInboundPolicy deny',
    ],
    [
      "clusterNetworks",
      { clusterNetworks: ["10.0.0.0/8", "203.0.113.0/24"] },
      {},
      "linkerd-mesh:clusterNetworks: must contain the networks of the running mesh, got a list without 203.0.113.0/24. Proxies do not discover addresses outside these networks, and send to them without mTLS. Fix: pulumi config set --path 'clusterNetworks[0]' 10.0.0.0/8 && pulumi config set --path 'clusterNetworks[1]' 203.0.113.0/24",
    ],
    [
      "ports.skipOutbound",
      { ports: { ...CONFIG.ports, skipOutbound: "4567,4568,3306,9000-9010" } },
      { ports: { skipOutbound: [3306] } },
      "linkerd-mesh:ports.skipOutbound: must contain the ports of the running mesh, got a list without 9000-9010. Proxies that restart would handle connections to these ports in another way. Fix: pulumi config set --path 'ports.skipOutbound[1]' 9000-9010",
    ],
  ])(
    "a running mesh with another value of %s is rejected with the command that keeps it",
    (_, running, settings, message) => {
      const mesh = run({ config: { ...CONFIG, ...running } });
      expect(compare(mesh, { certificates: provide(identity), ...settings })).toEqual([message]);
    },
  );

  test("a network is contained in a larger one, and not in one of another family or in a smaller one", () => {
    const mesh = run({ config: { ...CONFIG, clusterNetworks: ["10.1.0.0/16", "fd00:1::/32"] } });
    const certificates = provide(identity);
    expect(compare(mesh, { certificates })).toEqual([]);
    expect(compare(mesh, { certificates, clusterNetworks: ["10.1.0.0/24", "fd00::/8"] })).toEqual([
      expect.stringContaining("got a list without 10.1.0.0/16."),
    ]);
    expect(compare(mesh, { certificates, clusterNetworks: ["10.0.0.0/8"] })).toEqual([
      expect.stringContaining("got a list without fd00:1::/32."),
    ]);
  });

  test("a downgrade is rejected once per setting, with the newest running version", () => {
    const versions = { "linkerd-crds": "2026.9.1", "linkerd-control-plane": "2026.8.10" };
    expect(compare(run({ versions }), { certificates: provide(identity) })).toEqual([
      "linkerd-mesh:chartVersion: must not be older than the running chart, got 2026.8.3, while the mesh has linkerd-crds 2026.9.1. Linkerd supports no control plane that is older than its proxies. Fix: pulumi config set chartVersion 2026.9.1",
    ]);
  });
});
