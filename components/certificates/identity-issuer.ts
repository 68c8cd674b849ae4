import * as pulumi from "@pulumi/pulumi";
import { resolveValidityYears } from "./certificate-rules.ts";
import { issueCertificate, type KeyPair } from "./key-pair.ts";

/** {@link IdentityIssuer} */
export interface IdentityIssuerArgs {
  /**
   * DNS name of the issuer: its subject and SAN. Linkerd's identity controller requires
   * `identity.<namespace>.<trust domain>` (linkerd2, controller/cmd/identity).
   */
  identity: pulumi.Input<string>;
  /** The CA that signs it: a {@link TrustAnchor}. */
  trustAnchor: KeyPair;
  /**
   * Validity in years, an integer from 1 to 292. The issuer is always valid for fewer hours than the trust anchor. Not
   * an Input, like the validity of the anchor.
   *
   * @default 100
   */
  validityYears?: number | undefined;
}

/**
 * The CA with which Linkerd's identity controller signs the proxies' 24-hour certificates.
 *
 * Throws a `ValidationError` if `validityYears` is invalid.
 */
export class IdentityIssuer extends pulumi.ComponentResource implements KeyPair {
  /** The certificate, PEM. Public. */
  public readonly certPem: pulumi.Output<string>;
  /** Its key, PKCS#8 PEM. Secret; for the Secret `linkerd-identity-issuer` only. */
  public readonly privateKeyPem: pulumi.Output<string>;
  /** How long the certificate is valid, in hours from its creation. */
  public readonly validityHours: number;

  constructor(name: string, args: IdentityIssuerArgs, opts?: pulumi.ComponentResourceOptions) {
    const validityYears = resolveValidityYears(`IdentityIssuer "${name}"`, args.validityYears);
    super("linkerd-mesh:certificates:IdentityIssuer", name, {}, opts);
    const pair = issueCertificate(
      args.trustAnchor,
      name,
      { dnsName: args.identity, validityYears, isCa: true },
      { parent: this },
    );
    this.certPem = pair.certPem;
    this.privateKeyPem = pair.privateKeyPem;
    this.validityHours = pair.validityHours;
    this.registerOutputs({ certPem: this.certPem });
  }
}
