import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_VALIDITY_YEARS } from "./certificate-rules.ts";
import { issueCertificate, type KeyPair } from "./key-pair.ts";

/** {@link IdentityIssuer} */
export interface IdentityIssuerArgs {
  /**
   * DNS name of the issuer, its subject and SAN: `identity.<namespace>.<trust domain>`, which Linkerd's
   * identity controller insists on (linkerd2, controller/cmd/identity).
   */
  identity: pulumi.Input<string>;
  /** What signs it: a {@link TrustAnchor}. */
  trustAnchor: KeyPair;
  /** Whole years until it ends, 1 to 292, and never after the trust anchor. @default 100 */
  validityYears?: number | undefined;
}

/** The authority that Linkerd's identity controller signs the proxies' 24-hour certificates with. */
export class IdentityIssuer extends pulumi.ComponentResource implements KeyPair {
  /** The certificate, PEM. Public. */
  public readonly certPem: pulumi.Output<string>;
  /** Its key, PKCS#8 PEM. Secret; belongs in the Secret `linkerd-identity-issuer` and nowhere else. */
  public readonly privateKeyPem: pulumi.Output<string>;
  /** Hours it was made for. */
  public readonly validityHours: number;

  constructor(name: string, args: IdentityIssuerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:certificates:IdentityIssuer", name, {}, opts);
    const pair = issueCertificate(
      args.trustAnchor,
      name,
      { dnsName: args.identity, validityYears: args.validityYears ?? DEFAULT_VALIDITY_YEARS, isCa: true },
      { parent: this },
    );
    this.certPem = pair.certPem;
    this.privateKeyPem = pair.privateKeyPem;
    this.validityHours = pair.validityHours;
    this.registerOutputs({ certPem: this.certPem });
  }
}
