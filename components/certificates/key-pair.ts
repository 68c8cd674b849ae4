/** Creates private keys and certificates with the TLS provider. */
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { AnchorAlgorithm } from "./certificate-options.ts";
import { buildSubject, toChildValidityHours, toValidityHours } from "./certificate-rules.ts";

/** A certificate and its key, which can sign other certificates if the certificate is a CA. */
export interface KeyPair {
  /** The certificate, PEM. Public. */
  readonly certPem: pulumi.Output<string>;
  /**
   * The key, PKCS#8 PEM. Secret. PKCS#8, because Linkerd's policy validator does not read `EC PRIVATE KEY`
   * (policy-controller of linkerd2, which uses rustls).
   */
  readonly privateKeyPem: pulumi.Output<string>;
  /** How long the certificate is valid, in hours from its creation. */
  readonly validityHours: number;
}

interface SelfSignedCaArgs {
  dnsName: pulumi.Input<string>;
  /** An integer from 1 to 292. */
  validityYears: number;
  /** @default "ECDSA-P256" */
  algorithm?: AnchorAlgorithm | undefined;
}

interface CertificateArgs {
  dnsName: pulumi.Input<string>;
  /** An integer from 1 to 292. */
  validityYears: number;
  isCa: boolean;
}

// Usages of a CA and of a webhook server. RFC 5280, sections 4.2.1.3 and 4.2.1.12.
const CA_USES = ["cert_signing", "crl_signing"];
const SERVER_USES = ["digital_signature", "key_encipherment", "server_auth"];

// P-256 is the only ECDSA curve that Linkerd accepts; the provider's default is P-224.
const KEYS: Record<AnchorAlgorithm, tls.PrivateKeyArgs> = {
  "ECDSA-P256": { algorithm: "ECDSA", ecdsaCurve: "P256" },
  "RSA-4096": { algorithm: "RSA", rsaBits: 4096 },
};

function nameArgs(dnsName: pulumi.Input<string>) {
  const name = pulumi.output(dnsName);
  return { subject: name.apply(buildSubject), dnsNames: [name] };
}

/** Creates a self-signed CA. */
export function createSelfSignedCa(
  name: string,
  args: SelfSignedCaArgs,
  opts: pulumi.CustomResourceOptions,
): KeyPair {
  const hours = toValidityHours(args.validityYears);
  const key = new tls.PrivateKey(`${name}-key`, KEYS[args.algorithm ?? "ECDSA-P256"], opts);
  const cert = new tls.SelfSignedCert(
    `${name}-cert`,
    {
      ...nameArgs(args.dnsName),
      privateKeyPem: key.privateKeyPemPkcs8,
      isCaCertificate: true,
      allowedUses: CA_USES,
      validityPeriodHours: hours,
    },
    opts,
  );
  return { certPem: cert.certPem, privateKeyPem: key.privateKeyPemPkcs8, validityHours: hours };
}

/**
 * Creates a key pair that `signer` signs, valid for fewer hours than the signer.
 *
 * A certificate that is created days or years after its signer, as in a rotation or when viz is enabled later, may
 * outlive it. That is allowed: the chain expires with the signer, and the report shows when. Rejecting it would limit
 * how long a rotation may take.
 */
export function issueCertificate(
  signer: KeyPair,
  name: string,
  args: CertificateArgs,
  opts: pulumi.CustomResourceOptions,
): KeyPair {
  const hours = toChildValidityHours(args.validityYears, signer.validityHours);
  const key = new tls.PrivateKey(`${name}-key`, KEYS["ECDSA-P256"], opts);
  const request = new tls.CertRequest(
    `${name}-request`,
    { ...nameArgs(args.dnsName), privateKeyPem: key.privateKeyPemPkcs8 },
    opts,
  );
  const cert = new tls.LocallySignedCert(
    `${name}-cert`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: signer.certPem,
      caPrivateKeyPem: signer.privateKeyPem,
      isCaCertificate: args.isCa,
      allowedUses: args.isCa ? CA_USES : SERVER_USES,
      validityPeriodHours: hours,
    },
    opts,
  );
  return { certPem: cert.certPem, privateKeyPem: key.privateKeyPemPkcs8, validityHours: hours };
}
