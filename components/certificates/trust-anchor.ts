import * as pulumi from "@pulumi/pulumi";
import type { AnchorAlgorithm } from "./certificate-options.ts";
import { resolveValidityYears } from "./certificate-rules.ts";
import { createSelfSignedCa, type KeyPair } from "./key-pair.ts";

/** {@link TrustAnchor} */
export interface TrustAnchorArgs {
  /** DNS name of the anchor: its subject and SAN, e.g. `root.linkerd.cluster.local`. Changing it replaces the anchor. */
  identity: pulumi.Input<string>;
  /**
   * Validity in years, an integer from 1 to 292. Changing it replaces the anchor. Not an Input: it limits the validity
   * of the certificates that the anchor signs.
   *
   * @default 100
   */
  validityYears?: number | undefined;
  /** Algorithm of its key. Changing it replaces the anchor. @default "ECDSA-P256" */
  algorithm?: AnchorAlgorithm | undefined;
}

/**
 * The trust anchor of a mesh. Every proxy holds its certificate. It signs identity issuers and nothing else.
 *
 * Replacing it breaks every connection between proxies that hold different anchors. The component never replaces it by
 * itself: there is no early renewal, and its arguments should not change. `docs/rotation.md` describes how to rotate to
 * another anchor.
 *
 * Throws a `ValidationError` if `validityYears` is invalid.
 */
export class TrustAnchor extends pulumi.ComponentResource implements KeyPair {
  /** The certificate, PEM. Public. */
  public readonly certPem: pulumi.Output<string>;
  /** Its key, PKCS#8 PEM. Secret; for signing issuers only. */
  public readonly privateKeyPem: pulumi.Output<string>;
  /** How long the certificate is valid, in hours from its creation. */
  public readonly validityHours: number;

  constructor(name: string, args: TrustAnchorArgs, opts?: pulumi.ComponentResourceOptions) {
    const validityYears = resolveValidityYears(`TrustAnchor "${name}"`, args.validityYears);
    super("linkerd-mesh:certificates:TrustAnchor", name, {}, opts);
    const pair = createSelfSignedCa(
      name,
      { dnsName: args.identity, validityYears, algorithm: args.algorithm },
      { parent: this },
    );
    this.certPem = pair.certPem;
    this.privateKeyPem = pair.privateKeyPem;
    this.validityHours = pair.validityHours;
    this.registerOutputs({ certPem: this.certPem });
  }
}
