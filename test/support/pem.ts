/** Creates certificates for tests. */
import { KeyObject, type webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** The key algorithms that tests use. */
const ALGORITHMS = {
  "P-256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "P-384": { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  "RSA-1024": rsa(1024),
  "RSA-2048": rsa(2048),
  "RSA-3072": rsa(3072),
  Ed25519: { name: "Ed25519" },
};

function rsa(modulusLength: number) {
  return {
    name: "RSASSA-PKCS1-v1_5",
    hash: "SHA-256",
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength,
  };
}

export interface TestCertificate {
  certPem: string;
  /** The key, PKCS#8 PEM. */
  keyPem: string;
  /** The key, PKCS#8 PEM, encrypted with a passphrase. */
  encryptedKeyPem: string;
  certificate: x509.X509Certificate;
  keys: webcrypto.CryptoKeyPair;
  algorithm: keyof typeof ALGORITHMS;
}

export interface TestCertificateOptions {
  isCa?: boolean;
  signer?: TestCertificate;
  algorithm?: keyof typeof ALGORITHMS;
  /** Hash algorithm of the signature. @default that of the signer's key */
  hash?: "SHA-1" | "SHA-512";
  /** Hours from now until the certificate is valid. Negative values are in the past. @default 0 */
  beginsIn?: number;
  /** Subject alternative names. @default the name alone */
  dnsNames?: string[];
  /** Subject. @default `CN=<name>` */
  subject?: string;
  pathLength?: number;
  keyUsage?: keyof typeof x509.KeyUsageFlags;
  extendedKeyUsage?: string[];
}

/** Creates a certificate for `dnsName` that expires `hours` from now. It is self-signed unless `signer` is set. */
export async function makeCertificate(
  dnsName: string,
  hours: number,
  options: TestCertificateOptions = {},
): Promise<TestCertificate> {
  const algorithm = options.algorithm ?? "P-256";
  const keys = (await crypto.subtle.generateKey(ALGORITHMS[algorithm], true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const now = Date.now();
  const after = (h: number) => new Date(now + h * 3_600_000);
  const subject = options.subject ?? `CN=${dnsName}`;
  const signing = ALGORITHMS[options.signer?.algorithm ?? algorithm];
  const dnsNames = options.dnsNames ?? [dnsName];
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: options.signer?.certificate.subject ?? subject,
    notBefore: after(options.beginsIn ?? 0),
    notAfter: after(hours),
    publicKey: keys.publicKey,
    signingKey: options.signer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: options.hash ? { ...signing, hash: options.hash } : signing,
    extensions: [
      new x509.BasicConstraintsExtension(options.isCa ?? true, options.pathLength, true),
      ...(dnsNames.length > 0
        ? [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value })))]
        : []),
      ...(options.keyUsage ? [new x509.KeyUsagesExtension(x509.KeyUsageFlags[options.keyUsage], true)] : []),
      ...(options.extendedKeyUsage ? [new x509.ExtendedKeyUsageExtension(options.extendedKeyUsage)] : []),
    ],
  });
  const key = KeyObject.from(keys.privateKey);
  const pkcs8 = { type: "pkcs8", format: "pem" } as const;
  return {
    certPem: `${certificate.toString("pem")}\n`,
    keyPem: key.export(pkcs8).toString(),
    encryptedKeyPem: key.export({ ...pkcs8, cipher: "aes-256-cbc", passphrase: "hunter2" }).toString(),
    certificate,
    keys,
    algorithm,
  };
}

/** Exports the key in the format of older tools: SEC1 for ECDSA, PKCS#1 for RSA. */
export function traditionalKey(of: TestCertificate, passphrase?: string): string {
  const key = KeyObject.from(of.keys.privateKey);
  const type = of.algorithm.startsWith("RSA") ? "pkcs1" : "sec1";
  return key
    .export({ type, format: "pem", ...(passphrase ? { cipher: "aes-128-cbc", passphrase } : {}) } as never)
    .toString();
}

const YEAR = 8_760;

/** Creates a trust anchor and an issuer signed by it, as Linkerd requires them. */
export async function makeIdentity(
  options: { domain?: string; namespace?: string; anchor?: TestCertificate; hours?: number } = {},
): Promise<{ anchor: TestCertificate; issuer: TestCertificate }> {
  const { domain = "cluster.local", namespace = "linkerd", hours = 100 * YEAR } = options;
  const anchor = options.anchor ?? (await makeCertificate(`root.${namespace}.${domain}`, hours));
  const issuer = await makeCertificate(`identity.${namespace}.${domain}`, hours - 24, { signer: anchor });
  return { anchor, issuer };
}

/** Creates the `webhooks` setting: a certificate for each webhook server, and the CA that signs them. */
export async function makeWebhooks(hours = 100 * YEAR) {
  const ca = await makeCertificate("webhooks.test", hours);
  const pair = async (host: string) => {
    const leaf = await makeCertificate(host, hours - 24, { isCa: false, signer: ca });
    return { certificate: leaf.certPem, key: leaf.keyPem };
  };
  return {
    ca: ca.certPem,
    proxyInjector: await pair("linkerd-proxy-injector.linkerd.svc"),
    profileValidator: await pair("linkerd-sp-validator.linkerd.svc"),
    policyValidator: await pair("linkerd-policy-validator.linkerd.svc"),
    tap: await pair("tap.linkerd-viz.svc"),
    tapInjector: await pair("tap-injector.linkerd-viz.svc"),
  };
}
