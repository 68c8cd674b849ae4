/** A private key and its certificate, as the TLS provider makes them: the one place that knows how. */
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { AnchorAlgorithm } from "./certificate-options.ts";
import { childValidityHours, subjectFor, validityHours } from "./certificate-rules.ts";

/** A certificate with its key, and what is needed to sign others with them. */
export interface KeyPair {
  /** The certificate, PEM. Public. */
  readonly certPem: pulumi.Output<string>;
  /**
   * The key, PKCS#8 PEM. Secret. PKCS#8 because Linkerd's policy validator reads no `EC PRIVATE KEY`
   * (rustls-based, policy-controller of linkerd2).
   */
  readonly privateKeyPem: pulumi.Output<string>;
  /** Hours the certificate was made for. */
  readonly validityHours: number;
}

interface KeyPairArgs {
  dnsName: pulumi.Input<string>;
  validityYears: number;
  isCa: boolean;
}

interface AuthorityArgs extends Omit<KeyPairArgs, "isCa"> {
  algorithm?: AnchorAlgorithm | undefined;
}

// What an authority may do, and what a webhook server may do. RFC 5280, sections 4.2.1.3 and 4.2.1.12.
const AUTHORITY_USES = ["cert_signing", "crl_signing"];
const SERVER_USES = ["digital_signature", "key_encipherment", "server_auth"];

// Of the ECDSA curves Linkerd takes P-256 only; the provider's own default is P-224.
const KEYS: Record<AnchorAlgorithm, tls.PrivateKeyArgs> = {
  "ECDSA-P256": { algorithm: "ECDSA", ecdsaCurve: "P256" },
  "RSA-4096": { algorithm: "RSA", rsaBits: 4096 },
};

function named(dnsName: pulumi.Input<string>) {
  const name = pulumi.output(dnsName);
  return { subject: name.apply(subjectFor), dnsNames: [name] };
}

/** An authority that answers to nobody. */
export function createSelfSignedCa(
  name: string,
  args: AuthorityArgs,
  opts: pulumi.CustomResourceOptions,
): KeyPair {
  const hours = validityHours(args.validityYears);
  const key = new tls.PrivateKey(`${name}-key`, KEYS[args.algorithm ?? "ECDSA-P256"], opts);
  const cert = new tls.SelfSignedCert(
    `${name}-cert`,
    {
      ...named(args.dnsName),
      privateKeyPem: key.privateKeyPemPkcs8,
      isCaCertificate: true,
      allowedUses: AUTHORITY_USES,
      validityPeriodHours: hours,
    },
    opts,
  );
  return { certPem: cert.certPem, privateKeyPem: key.privateKeyPemPkcs8, validityHours: hours };
}

/**
 * A key pair signed by `signer`, and made for fewer hours. Where it is made days or years after its signer, as in a
 * rotation or for a viz turned on later, it may end after it all the same: a chain ends with what ends first, and
 * that is what the report tells. Refused, no rotation could take longer than the difference.
 */
export function issueCertificate(
  signer: KeyPair,
  name: string,
  args: KeyPairArgs,
  opts: pulumi.CustomResourceOptions,
): KeyPair {
  const hours = childValidityHours(args.validityYears, signer.validityHours);
  const key = new tls.PrivateKey(`${name}-key`, KEYS["ECDSA-P256"], opts);
  const request = new tls.CertRequest(
    `${name}-request`,
    { ...named(args.dnsName), privateKeyPem: key.privateKeyPemPkcs8 },
    opts,
  );
  const cert = new tls.LocallySignedCert(
    `${name}-cert`,
    {
      certRequestPem: request.certRequestPem,
      caCertPem: signer.certPem,
      caPrivateKeyPem: signer.privateKeyPem,
      isCaCertificate: args.isCa,
      allowedUses: args.isCa ? AUTHORITY_USES : SERVER_USES,
      validityPeriodHours: hours,
    },
    opts,
  );
  return { certPem: cert.certPem, privateKeyPem: key.privateKeyPemPkcs8, validityHours: hours };
}
