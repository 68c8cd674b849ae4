/** Certificates for tests, made on the spot. */
import type { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export interface TestCertificate {
  certPem: string;
  certificate: x509.X509Certificate;
  keys: webcrypto.CryptoKeyPair;
}

/** A certificate for `dnsName` that lives from now for `hours`, self-signed unless a signer is given. */
export async function makeCertificate(
  dnsName: string,
  hours: number,
  options: { isCa?: boolean; signer?: TestCertificate } = {},
): Promise<TestCertificate> {
  const keys = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${dnsName}`,
    issuer: options.signer?.certificate.subject ?? `CN=${dnsName}`,
    notBefore: new Date(now),
    notAfter: new Date(now + hours * 3_600_000),
    publicKey: keys.publicKey,
    signingKey: options.signer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: P256,
    extensions: [
      new x509.BasicConstraintsExtension(options.isCa ?? true, undefined, true),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: dnsName }]),
    ],
  });
  return { certPem: certificate.toString("pem"), certificate, keys };
}
