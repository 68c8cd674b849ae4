import { describe, expect, test } from "vitest";
import { IdentityIssuer, TrustAnchor, WebhookCertificates } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";

const KEY = "tls:index/privateKey:PrivateKey";
const REQUEST = "tls:index/certRequest:CertRequest";
const SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert";
const SIGNED = "tls:index/locallySignedCert:LocallySignedCert";

describe("TrustAnchor", () => {
  test("is a P-256 key and a self-signed authority of 100 years, both its children", async () => {
    const { resources, find } = await register(
      () => new TrustAnchor("anchor", { identity: "root.linkerd.cluster.local" }),
    );
    expect(resources.map((r) => r.type).sort()).toEqual(
      ["linkerd-mesh:certificates:TrustAnchor", KEY, SELF_SIGNED].sort(),
    );
    expect(find("anchor-key")).toMatchObject({
      type: KEY,
      parent: "anchor",
      inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" },
    });
    expect(find("anchor-cert")).toMatchObject({
      type: SELF_SIGNED,
      parent: "anchor",
      dependsOn: ["anchor-key"],
      inputs: {
        subject: { commonName: "root.linkerd.cluster.local" },
        dnsNames: ["root.linkerd.cluster.local"],
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing"],
        validityPeriodHours: 876_000,
      },
    });
  });

  test("is never renewed early: that would replace the root under every proxy", async () => {
    const { find } = await register(
      () => new TrustAnchor("anchor", { identity: "root.test", validityYears: 10 }),
    );
    expect(find("anchor-cert").inputs).not.toHaveProperty("earlyRenewalHours");
    expect(find("anchor-cert").inputs.validityPeriodHours).toBe(87_600);
  });

  test("keeps its key out of its own inputs", async () => {
    const { find } = await register(() => new TrustAnchor("anchor", { identity: "root.test" }));
    expect(find("anchor").inputs).toEqual({});
  });

  test("puts a name of more than 64 characters into the SAN alone", async () => {
    const identity = `root.linkerd.${"a".repeat(60)}.example`;
    const { find } = await register(() => new TrustAnchor("anchor", { identity }));
    expect(find("anchor-cert").inputs).toMatchObject({
      subject: { organization: "root" },
      dnsNames: [identity],
    });
  });

  test.each([0, 300])(
    "refuses a validity of %d years before it registers anything but itself",
    async (validityYears) => {
      await register(() => {
        expect(() => new TrustAnchor("anchor", { identity: "root.test", validityYears })).toThrow("1 to 292");
      }).then(({ resources }) => expect(resources.map((r) => r.name)).toEqual(["anchor"]));
    },
  );
});

describe("IdentityIssuer", () => {
  const program = (issuerYears?: number) => () => {
    const trustAnchor = new TrustAnchor("anchor", { identity: "root.test", validityYears: 50 });
    return new IdentityIssuer("issuer", {
      identity: "identity.linkerd.test",
      trustAnchor,
      validityYears: issuerYears,
    });
  };

  test("is an authority signed by the anchor, key in PKCS#8", async () => {
    const { find, result } = await register(program());
    expect(find("issuer-key")).toMatchObject({ type: KEY, parent: "issuer" });
    expect(find("issuer-request")).toMatchObject({
      type: REQUEST,
      parent: "issuer",
      dependsOn: ["issuer-key"],
    });
    expect(find("issuer-cert")).toMatchObject({
      type: SIGNED,
      parent: "issuer",
      dependsOn: ["anchor-cert", "anchor-key", "issuer-request"],
      inputs: { isCaCertificate: true, allowedUses: ["cert_signing", "crl_signing"] },
    });
    expect(find("issuer-request").inputs.dnsNames).toEqual(["identity.linkerd.test"]);
    expect(await new Promise((done) => result.privateKeyPem.apply(done))).toBe("key of issuer-key");
  });

  test("ends before its anchor even where it is given more years", async () => {
    const { find } = await register(program(100));
    expect(find("issuer-cert").inputs.validityPeriodHours).toBe(50 * 8760 - 24);
  });

  test("ends when it is told to where that is earlier", async () => {
    const { find } = await register(program(2));
    expect(find("issuer-cert").inputs.validityPeriodHours).toBe(2 * 8760);
  });
});

describe("WebhookCertificates", () => {
  const program = () => new WebhookCertificates("webhooks", { namespace: "mesh", vizNamespace: "mesh-viz" });

  test.each([
    ["proxy-injector", "linkerd-proxy-injector.mesh.svc"],
    ["profile-validator", "linkerd-sp-validator.mesh.svc"],
    ["policy-validator", "linkerd-policy-validator.mesh.svc"],
    ["tap", "tap.mesh-viz.svc"],
    ["tap-injector", "tap-injector.mesh-viz.svc"],
  ])("%s gets a leaf for %s that signs nothing and lives as long as the rest", async (server, dnsName) => {
    const { find } = await register(program);
    expect(find(`webhooks-${server}-request`).inputs).toMatchObject({
      subject: { commonName: dnsName },
      dnsNames: [dnsName],
    });
    expect(find(`webhooks-${server}-cert`)).toMatchObject({
      parent: "webhooks",
      dependsOn: expect.arrayContaining(["webhooks-ca-cert", "webhooks-ca-key"]),
      inputs: {
        isCaCertificate: false,
        allowedUses: ["digital_signature", "key_encipherment", "server_auth"],
        validityPeriodHours: 876_000 - 24,
      },
    });
  });

  test("has an authority of its own, which is not the mesh's", async () => {
    const { resources } = await register(program);
    expect(resources.filter((r) => r.type === SELF_SIGNED).map((r) => r.name)).toEqual(["webhooks-ca-cert"]);
    expect(resources.filter((r) => r.type === SIGNED)).toHaveLength(5);
  });
});
