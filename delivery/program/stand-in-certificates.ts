/** Creates certificates in place of the TLS provider. Their keys are thrown away. */
import type { webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** Arguments of the TLS provider that end up in a certificate. */
export interface CertificateArgs {
  readonly subject?: { readonly commonName?: string; readonly organization?: string };
  readonly dnsNames?: readonly string[];
  readonly isCaCertificate?: boolean;
  readonly allowedUses: readonly string[];
  readonly validityPeriodHours: number;
}

/** A certificate, and the key that may sign others. */
export interface StandInCertificate {
  readonly certPem: string;
  readonly subject: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Usages by the names of the TLS provider (terraform-provider-tls, docs/resources/self_signed_cert.md). */
const KEY_USAGES: Record<string, x509.KeyUsageFlags> = {
  digital_signature: x509.KeyUsageFlags.digitalSignature,
  key_encipherment: x509.KeyUsageFlags.keyEncipherment,
  cert_signing: x509.KeyUsageFlags.keyCertSign,
  crl_signing: x509.KeyUsageFlags.cRLSign,
};
const EXTENDED_KEY_USAGES: Record<string, string> = {
  server_auth: x509.ExtendedKeyUsage.serverAuth,
  client_auth: x509.ExtendedKeyUsage.clientAuth,
};

/**
 * Creates a certificate whose validity begins at `notBefore`, signed by `signer` or by itself. The key is always P-256:
 * the arguments of the key are inputs of another resource. Throws if it does not know one of the usages.
 */
export async function createCertificate(
  args: CertificateArgs,
  notBefore: Date,
  signer?: StandInCertificate,
): Promise<StandInCertificate> {
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const subject = formatSubject(args.subject ?? {});
  const unknown = args.allowedUses.filter((use) => !(use in KEY_USAGES) && !(use in EXTENDED_KEY_USAGES));
  if (unknown.length > 0) throw new Error(`allowedUses: must be known to delivery/program, got ${unknown}`);
  const keyUsages = args.allowedUses.reduce((flags, use) => flags | (KEY_USAGES[use] ?? 0), 0);
  const extended = args.allowedUses.flatMap((use) => EXTENDED_KEY_USAGES[use] ?? []);
  const dnsNames = args.dnsNames ?? [];
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: signer?.subject ?? subject,
    notBefore,
    notAfter: new Date(notBefore.getTime() + args.validityPeriodHours * 3_600_000),
    publicKey: keys.publicKey,
    signingKey: (signer?.keys ?? keys).privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(args.isCaCertificate ?? false, undefined, true),
      ...(dnsNames.length > 0
        ? [new x509.SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value })))]
        : []),
      ...(keyUsages > 0 ? [new x509.KeyUsagesExtension(keyUsages, true)] : []),
      ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
    ],
  });
  return { certPem: `${certificate.toString("pem")}\n`, subject, keys };
}

function formatSubject({ commonName, organization }: NonNullable<CertificateArgs["subject"]>): string {
  return [commonName && `CN=${commonName}`, organization && `O=${organization}`].filter(Boolean).join(", ");
}
