import * as pulumi from "@pulumi/pulumi";
import type { AnchorAlgorithm } from "./certificate-options.ts";
import { DEFAULT_VALIDITY_YEARS } from "./certificate-rules.ts";
import { createSelfSignedCa, type KeyPair } from "./key-pair.ts";

/** {@link TrustAnchor} */
export interface TrustAnchorArgs {
  /** DNS name of the anchor, its subject and SAN, e.g. `root.linkerd.cluster.local`. */
  identity: pulumi.Input<string>;
  /** Whole years until it ends, 1 to 292. Changing it replaces the anchor. @default 100 */
  validityYears?: number | undefined;
  /** How it signs. Changing it replaces the anchor. @default "ECDSA-P256" */
  algorithm?: AnchorAlgorithm | undefined;
}

/**
 * The root of trust: every proxy holds its certificate. It signs identity issuers and nothing else.
 *
 * Replacing it cuts every connection between proxies that hold different roots, so nothing here does so on
 * its own: no early renewal, and its arguments are meant to stay. `docs/rotation.md` has the way to another.
 */
export class TrustAnchor extends pulumi.ComponentResource implements KeyPair {
  /** The certificate, PEM. Public. */
  public readonly certPem: pulumi.Output<string>;
  /** Its key, PKCS#8 PEM. Secret; for signing issuers only. */
  public readonly privateKeyPem: pulumi.Output<string>;
  /** Hours it was made for. */
  public readonly validityHours: number;

  constructor(name: string, args: TrustAnchorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:certificates:TrustAnchor", name, {}, opts);
    const pair = createSelfSignedCa(
      name,
      {
        dnsName: args.identity,
        validityYears: args.validityYears ?? DEFAULT_VALIDITY_YEARS,
        algorithm: args.algorithm,
      },
      { parent: this },
    );
    this.certPem = pair.certPem;
    this.privateKeyPem = pair.privateKeyPem;
    this.validityHours = pair.validityHours;
    this.registerOutputs({ certPem: this.certPem });
  }
}
