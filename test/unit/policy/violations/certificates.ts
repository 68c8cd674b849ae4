/** Violations of the rules about certificates. */
import { makeCertificate, type TestCertificate } from "../../../support/pem.ts";
import { release, resource, type Violation } from "./violation.ts";

const KEY = "tls:index/privateKey:PrivateKey";
const SELF_SIGNED = "tls:index/selfSignedCert:SelfSignedCert";
const SIGNED = "tls:index/locallySignedCert:LocallySignedCert";

/** @param leaf a certificate that is not a CA */
export async function makeCertificateViolations(leaf: TestCertificate): Promise<readonly Violation[]> {
  const ca = await makeCertificate("ca.example", 50_000);
  const [issuer, anchor, soon, ended] = await Promise.all([
    makeCertificate("identity.linkerd.cluster.local", 50_000, { algorithm: "P-384", hash: "SHA-512" }),
    makeCertificate("root.linkerd.cluster.local", 50_000, { algorithm: "P-384", signer: ca }),
    makeCertificate("soon.example", 241),
    makeCertificate("ended.example", -1, { beginsIn: -100 }),
  ]);
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const day = ({ certificate }: typeof leaf) => certificate.notAfter.toISOString().slice(0, 10);
  return [
    {
      rule: "certificate-keys",
      title: "the provider's default curve",
      resources: [resource(KEY, "web", { algorithm: "ECDSA" })],
      messages: [
        'ecdsaCurve: must be P256, P384 or P521, got nothing, for which the provider uses P224. TLS 1.3 has no other ECDSA curves. Fix: set ecdsaCurve to "P256"',
      ],
    },
    {
      rule: "certificate-keys",
      title: "a short RSA key",
      resources: [resource(KEY, "web", { algorithm: "RSA", rsaBits: 1024 })],
      messages: [
        "rsaBits: must be at least 2048, got 1024. TLS libraries reject shorter keys. Fix: set rsaBits to 4096",
      ],
    },
    ...[
      [
        { algorithm: "ECDSA", ecdsaCurve: "P384" },
        'ecdsaCurve: must be P256, got "P384". Linkerd accepts no other curve. Fix: set ecdsaCurve to "P256"',
      ] as const,
      [
        { algorithm: "RSA", rsaBits: 3072 },
        "rsaBits: must be 2048 or 4096, got 3072. Linkerd accepts no other size. Fix: set rsaBits to 4096",
      ] as const,
      [
        { algorithm: "ED25519" },
        'algorithm: must be ECDSA or RSA, got ED25519. Linkerd accepts no other key. Fix: set algorithm to "ECDSA" and ecdsaCurve to "P256"',
      ] as const,
    ].map(([inputs, message]) => ({
      rule: "certificate-keys",
      title: `a key of the mesh with ${JSON.stringify(inputs)}`,
      resources: [
        resource("linkerd-mesh:certificates:TrustAnchor", "anchor", {}),
        resource(KEY, "anchor-key", inputs, { parent: "anchor" }),
      ],
      messages: [message],
    })),
    {
      rule: "certificate-keys",
      title: "an issuer whose key Linkerd does not accept",
      resources: [
        resource("kubernetes:core/v1:Secret", "issuer", {
          metadata: { name: "linkerd-identity-issuer" },
          stringData: { "tls.crt": issuer.certPem },
        }),
      ],
      messages: [
        'stringData["tls.crt"]: must have a key of type ECDSA P-256, got ECDSA P-384 (CN=identity.linkerd.cluster.local). Linkerd accepts no other key. Fix: issue the certificate for a key of type ECDSA P-256',
        'stringData["tls.crt"]: must be signed with ECDSA or RSA, and SHA-256, got another signature algorithm (CN=identity.linkerd.cluster.local). Linkerd accepts no other. Fix: issue the certificate with SHA-256',
      ],
    },
    {
      rule: "certificate-keys",
      title: "a trust anchor whose key Linkerd does not accept",
      resources: [release({ values: { identityTrustAnchorsPEM: ca.certPem + anchor.certPem } })],
      messages: [
        "values.identityTrustAnchorsPEM: must have a key of type ECDSA P-256, RSA 2048 or RSA 4096, got ECDSA P-384 (CN=root.linkerd.cluster.local). Linkerd accepts no other key. Fix: issue the certificate for a key of type ECDSA P-256",
      ],
    },
    {
      rule: "certificate-roles",
      title: "a server that is a CA",
      resources: [
        resource(SELF_SIGNED, "web", {
          dnsNames: ["web.example"],
          isCaCertificate: true,
          allowedUses: ["cert_signing", "server_auth"],
        }),
      ],
      messages: [
        "allowedUses: must not contain server_auth or client_auth for a CA with the name of a server, got server_auth. Whoever reads the key of the server can issue certificates for any name. Fix: set isCaCertificate to false, or remove server_auth",
      ],
    },
    {
      rule: "certificate-roles",
      title: "a CA that may not sign",
      resources: [resource(SIGNED, "ca", { isCaCertificate: true, allowedUses: ["crl_signing"] })],
      messages: [
        "allowedUses: must contain cert_signing for a CA, got crl_signing. No verifier accepts what the CA signs otherwise (RFC 5280, 4.2.1.3). Fix: add cert_signing, or set isCaCertificate to false",
      ],
    },
    {
      rule: "certificate-roles",
      title: "a leaf that may sign",
      resources: [resource(SIGNED, "web", { allowedUses: ["cert_signing", "server_auth"] })],
      messages: [
        "allowedUses: must not contain cert_signing unless isCaCertificate is true, got cert_signing. A leaf must not sign certificates (RFC 5280, 4.2.1.9). Fix: remove cert_signing, or set isCaCertificate to true",
      ],
    },
    {
      rule: "certificate-roles",
      title: "a CA in the Secret of a webhook server",
      resources: [
        resource("kubernetes:core/v1:Secret", "injector", {
          metadata: { name: "linkerd-proxy-injector-k8s-tls" },
          data: { "tls.crt": base64(ca.certPem), "tls.key": base64(ca.keyPem) },
        }),
      ],
      messages: [
        'data["tls.crt"]: must be the certificate of a server, got the CA certificate CN=ca.example. Whoever reads the Secret of the server can issue certificates for any name. Fix: issue a certificate for the server, without CA in its basic constraints',
      ],
    },
    {
      rule: "certificate-roles",
      title: "an issuer that is a leaf",
      resources: [
        resource("kubernetes:core/v1:Secret", "issuer", {
          metadata: { name: "linkerd-identity-issuer" },
          stringData: { "crt.pem": leaf.certPem },
        }),
      ],
      messages: [
        'stringData["crt.pem"]: must be a CA certificate, got CN=web.example. Linkerd signs the certificates of proxies with it. Fix: issue it with CA in its basic constraints and certificate signing in its key usage',
      ],
    },
    {
      rule: "certificate-validity",
      title: "a period that the provider cannot compute",
      resources: [resource(SELF_SIGNED, "ca", { validityPeriodHours: 2_628_000 })],
      messages: [
        "validityPeriodHours: must be from 1 to 2557920 (292 years), got 2628000. The provider counts nanoseconds in 64 bits, so the certificate of a longer period is expired at once. Fix: set validityPeriodHours to 2557920 or less",
      ],
    },
    {
      rule: "certificate-validity",
      title: "a renewal at each update",
      resources: [resource(SELF_SIGNED, "ca", { validityPeriodHours: 720, earlyRenewalHours: 720 })],
      messages: [
        "earlyRenewalHours: must be less than validityPeriodHours (720), got 720. Each update replaces the certificate otherwise. Fix: remove earlyRenewalHours",
      ],
    },
    {
      rule: "certificate-chains",
      title: "a certificate that is valid as long as its CA, which is not created yet",
      resources: [
        resource(SELF_SIGNED, "ca", { isCaCertificate: true, validityPeriodHours: 8_760 }),
        resource(SIGNED, "web", { validityPeriodHours: 8_760 }, { dependsOn: ["ca", "ca-key"] }),
      ],
      messages: [
        "validityPeriodHours: must be less than 8760, the validity of its CA ca, got 8760. Verifiers reject the certificate when its CA expires, which no report about the certificate shows. Fix: set validityPeriodHours to 8736 or less",
      ],
    },
    {
      rule: "certificate-chains",
      title: "a certificate that is valid longer than its CA",
      resources: [resource(SIGNED, "web", { validityPeriodHours: 50_001, caCertPem: ca.certPem })],
      messages: [
        "validityPeriodHours: must be less than 50000, the validity of its CA CN=ca.example, got 50001. Verifiers reject the certificate when its CA expires, which no report about the certificate shows. Fix: set validityPeriodHours to 49976 or less",
      ],
    },
    {
      rule: "certificate-chains",
      title: "a signer that is not a CA",
      resources: [resource(SIGNED, "web", { validityPeriodHours: 100, caCertPem: leaf.certPem })],
      messages: [
        "caCertPem: must be a CA certificate, got CN=web.example. The provider signs with it all the same, and every verifier rejects the result. Fix: set isCaCertificate to true for the certificate of the signer",
      ],
    },
    {
      rule: "remaining-validity",
      title: "certificates that expire soon or have expired",
      resources: [
        resource("kubernetes:core/v1:Secret", "web", {
          stringData: { "soon.crt": soon.certPem, "ended.crt": ended.certPem },
        }),
      ],
      messages: [
        `stringData["soon.crt"]: must be valid for 60 more days, got CN=soon.example, which expires ${day(soon)} (in 10 days). Renewing a certificate takes deployments of all stacks that have it. Fix: renew the certificate as in docs/rotation.md`,
        `stringData["ended.crt"]: must be valid for 60 more days, got CN=ended.example, which expired ${day(ended)}. Renewing a certificate takes deployments of all stacks that have it. Fix: renew the certificate as in docs/rotation.md`,
      ],
    },
  ];
}
