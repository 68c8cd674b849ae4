import { describe, expect, test } from "vitest";
import { CertManagerAuthorities } from "../../../components/certificates/cert-manager.ts";
import { IdentityIssuer } from "../../../components/certificates/identity-issuer.ts";
import { TrustAnchor } from "../../../components/certificates/trust-anchor.ts";
import { WebhookCertificates } from "../../../components/certificates/webhook-certificates.ts";
import { ValidationError } from "../../../components/inputs/validation.ts";
import { register } from "../../support/mocks.ts";

const KEY = "tls:index/privateKey:PrivateKey";
const REQUEST = "tls:index/certRequest:CertRequest";
const SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert";
const SIGNED = "tls:index/locallySignedCert:LocallySignedCert";

describe("TrustAnchor", () => {
  test("a trust anchor has a P-256 key and a self-signed CA certificate for 100 years as children", async () => {
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

  test("a trust anchor is never renewed early, which would replace it in every proxy", async () => {
    const { find } = await register(
      () => new TrustAnchor("anchor", { identity: "root.test", validityYears: 10 }),
    );
    expect(find("anchor-cert").inputs).not.toHaveProperty("earlyRenewalHours");
    expect(find("anchor-cert").inputs.validityPeriodHours).toBe(87_600);
  });

  test("a trust anchor has no key among its own inputs", async () => {
    const { find } = await register(() => new TrustAnchor("anchor", { identity: "root.test" }));
    expect(find("anchor").inputs).toEqual({});
  });

  test("a trust anchor has a name of more than 64 characters in its SAN alone", async () => {
    const identity = `root.linkerd.${"a".repeat(60)}.example`;
    const { find } = await register(() => new TrustAnchor("anchor", { identity }));
    expect(find("anchor-cert").inputs).toMatchObject({
      subject: { organization: "root" },
      dnsNames: [identity],
    });
  });
});

describe("validityYears", () => {
  const trustAnchor = { certPem: "", privateKeyPem: "", validityHours: 8760 } as never;
  const namespaces = { namespace: "mesh", vizNamespace: "viz" };

  test.each([0, 300])("a component with a validity of %d years registers nothing", async (validityYears) => {
    const { resources } = await register(() => {
      const components = [
        () => new TrustAnchor("a", { identity: "root.test", validityYears }),
        () => new IdentityIssuer("a", { identity: "identity.test", trustAnchor, validityYears }),
        () => new WebhookCertificates("a", { ...namespaces, validityYears }),
        () =>
          new CertManagerAuthorities("a", {
            identity: "root.test",
            namespace: "cert-manager",
            validityYears: { issuer: validityYears },
          }),
      ];
      for (const create of components) {
        expect(create).toThrow(ValidationError);
        expect(create).toThrow(
          /^\w+ "a" has 1 invalid argument:\n- validityYears.*: must be .* from 1 to 292/,
        );
      }
    });
    expect(resources).toEqual([]);
  });
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

  test("an issuer is a CA that the anchor signs, and its key is PKCS#8", async () => {
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

  test("an issuer with more years than its anchor is valid for one day less than the anchor", async () => {
    const { find } = await register(program(100));
    expect(find("issuer-cert").inputs.validityPeriodHours).toBe(50 * 8760 - 24);
  });

  test("an issuer with fewer years than its anchor is valid for its own years", async () => {
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
  ])(
    "the webhook %s gets a certificate for %s that cannot sign and is valid as long as the others",
    async (server, dnsName) => {
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
    },
  );

  test("the webhook certificates have a CA of their own", async () => {
    const { resources } = await register(program);
    expect(resources.filter((r) => r.type === SELF_SIGNED).map((r) => r.name)).toEqual(["webhooks-ca-cert"]);
    expect(resources.filter((r) => r.type === SIGNED)).toHaveLength(5);
  });
});
