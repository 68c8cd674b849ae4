import { beforeAll, expect, test } from "vitest";
import type {
  CertManagerCertificates,
  ProvidedCertificates,
} from "../../../components/certificates/certificate-options.ts";
import { planCertificates } from "../../../components/certificates/modes/mesh-certificates.ts";
import type { DeployedTrust } from "../../../components/certificates/rotation.ts";
import { formatIssue, formatPath } from "../../../components/inputs/validation.ts";
import { ServiceMesh } from "../../../components/service-mesh.ts";
import { outputValue, register } from "../../support/mocks.ts";
import { makeIdentity, makeWebhooks } from "../../support/pem.ts";

const NAMES = {
  name: "m",
  namespace: "linkerd",
  vizNamespace: "linkerd-viz",
  trustDomain: "cluster.local",
  viz: true,
};

let identity: Awaited<ReturnType<typeof makeIdentity>>;
let other: typeof identity;
let ca: string;
beforeAll(async () => {
  identity = await makeIdentity();
  other = await makeIdentity();
  ({ ca } = await makeWebhooks());
});

const external = (changes: Partial<ProvidedCertificates> = {}): ProvidedCertificates => ({
  mode: "provided",
  trustAnchors: identity.anchor.certPem,
  issuer: { external: true },
  ...changes,
});
const provided = (): ProvidedCertificates => ({
  mode: "provided",
  trustAnchors: identity.anchor.certPem,
  issuer: { certificate: identity.issuer.certPem, key: identity.issuer.keyPem },
});

/** The trust after a deployment with an external issuer, or with this one. */
const deployed = (issuerPem?: string): DeployedTrust => ({
  trustBundlePem: identity.anchor.certPem + other.anchor.certPem,
  certManager: false,
  issuerPem,
  anchors: {},
});

const issuesOf = (options: ProvidedCertificates | CertManagerCertificates, trust?: DeployedTrust) =>
  planCertificates(options, NAMES, trust).issues;

/** The values of a mesh's control plane, and the names of the Secrets that it creates. */
async function createMesh(certificates: ProvidedCertificates | CertManagerCertificates) {
  const { resources, find, result } = await register(() => new ServiceMesh("m", { certificates }));
  return {
    values: find("m-control-plane-release").inputs.values,
    viz: find("m-viz-release").inputs.values,
    secrets: resources
      .filter(({ type }) => type === "kubernetes:core/v1:Secret")
      .map(({ inputs }) => inputs.metadata.name)
      .sort(),
    mesh: result,
  };
}

const WEBHOOK_SECRETS = [
  "linkerd-policy-validator-k8s-tls",
  "linkerd-proxy-injector-k8s-tls",
  "linkerd-sp-validator-k8s-tls",
  "tap-injector-k8s-tls",
  "tap-k8s-tls",
];

test("with an external issuer, the chart gets the trust anchors, and Pulumi creates no issuer", async () => {
  const { values, secrets, mesh } = await createMesh(external());
  expect(values.identityTrustAnchorsPEM).toBe(identity.anchor.certPem);
  expect(values.identity).toEqual({ issuer: { scheme: "kubernetes.io/tls" } });
  expect(secrets).toEqual(WEBHOOK_SECRETS);
  expect(mesh.trustAnchorPem).toBeUndefined();
  expect(mesh.trustBundlePem && (await outputValue(mesh.trustBundlePem))).toBe(identity.anchor.certPem);
  const reported = (await outputValue(mesh.certificates)).map(({ name }) => name);
  expect(reported).toContain("trust-anchor");
  expect(reported).toContain("proxy-injector");
  expect(reported).not.toContain("identity-issuer");
});

test.each<
  [source: string, options: () => ProvidedCertificates | CertManagerCertificates, values: () => object]
>([
  [
    "external with cert-manager's CA",
    () => external({ webhooks: { external: true } }),
    () => ({ externalSecret: true, injectCaFrom: "linkerd-viz/tap" }),
  ],
  [
    "external with a given CA",
    () => external({ webhooks: { external: true, ca } }),
    () => ({ externalSecret: true, caBundle: ca }),
  ],
  [
    "external with a given CA, beside cert-manager's identity",
    () => ({ mode: "certManager", create: false, webhooks: { external: true, ca } }),
    () => ({ externalSecret: true, caBundle: ca }),
  ],
])("webhook certificates that are %s have no Secret of Pulumi", async (_, options, values) => {
  const { viz, secrets } = await createMesh(options());
  expect(viz.tap).toMatchObject(values());
  const { ignoreHeaders: __, ...certificates } = viz.tap;
  expect(Object.keys(certificates)).toHaveLength(2);
  expect(secrets).toEqual([]);
});

test("beside cert-manager's identity, Pulumi can generate the webhook certificates", async () => {
  const { values, secrets } = await createMesh({
    mode: "certManager",
    create: false,
    webhooks: { external: false },
    validityYears: { webhooks: 5 },
  });
  expect(secrets).toEqual(WEBHOOK_SECRETS);
  expect(values.identity).toEqual({ externalCA: true, issuer: { scheme: "kubernetes.io/tls" } });
  expect(values.proxyInjector.injectCaFrom).toBeUndefined();
});

test("trust anchors and the CA of external certificates are checked", () => {
  const issues = issuesOf(
    external({ trustAnchors: identity.issuer.keyPem, webhooks: { external: true, ca: "none" } }),
  );
  expect(issues.map(({ path }) => formatPath(path))).toEqual([
    "certificates.trustAnchors",
    "certificates.webhooks.ca",
  ]);
  const webhooks = { external: true, ca: "none" } as const;
  expect(
    issuesOf({ mode: "certManager", create: false, webhooks }).map(({ path }) => formatPath(path)),
  ).toEqual(["certificates.webhooks.ca"]);
});

test("a running mesh with an issuer of Pulumi does not get an external one without acceptTrustAnchorOutage", () => {
  const trust = deployed(identity.issuer.certPem);
  expect(issuesOf(external(), trust).map(formatIssue)).toEqual([
    "certificates.issuer.external: must not become true in a running mesh whose issuer Pulumi manages, got true. Pulumi " +
      "would delete its Secret linkerd-identity-issuer, and cannot check whether proxies trust the issuer that replaces " +
      'it. Fix: follow docs/certificates.md, "Changing the mode"',
  ]);
  expect(issuesOf(external({ acceptTrustAnchorOutage: true }), trust)).toEqual([]);
});

test("the bundle of an external issuer keeps at least one deployed anchor", async () => {
  const { anchor } = await makeIdentity();
  const both = anchor.certPem + other.anchor.certPem;
  expect(issuesOf(external(), deployed())).toEqual([]);
  expect(issuesOf(external({ trustAnchors: both }), deployed())).toEqual([]);
  const [issue, ...others] = issuesOf(external({ trustAnchors: anchor.certPem }), deployed());
  expect(others).toEqual([]);
  expect(issue && formatIssue(issue)).toMatch(
    /^certificates\.trustAnchors: must keep the anchor of the running issuer, got none of the deployed anchors \(.*\)\. One of them signed the issuer that someone else manages; /,
  );
});

test("the bundle of an external issuer that was read from the cluster keeps its anchor", () => {
  const trust = { ...deployed(), externalIssuerPem: identity.issuer.certPem };
  expect(issuesOf(external(), trust)).toEqual([]);
  const issues = issuesOf(external({ trustAnchors: other.anchor.certPem }), trust);
  expect(issues.map(({ path, got }) => [formatPath(path), got])).toEqual([
    ["certificates.trustAnchors", "a bundle without the anchor CN=root.linkerd.cluster.local"],
  ]);
});

test("a mesh with an external issuer can get an issuer of Pulumi that a deployed anchor signed", async () => {
  expect(issuesOf(provided(), deployed())).toEqual([]);
  const { anchor, issuer } = await makeIdentity();
  const foreign = { certificate: issuer.certPem, key: issuer.keyPem };
  const trustAnchors = identity.anchor.certPem + anchor.certPem;
  const issues = issuesOf({ ...provided(), trustAnchors, issuer: foreign }, deployed());
  expect(issues.map(({ path }) => formatPath(path))).toEqual(["certificates.issuer.certificate"]);
});
