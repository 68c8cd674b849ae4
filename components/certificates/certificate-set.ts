/** What every mode is asked for, and what it answers. */
import type * as pulumi from "@pulumi/pulumi";
import type { FromCertManager } from "./cert-manager.ts";
import type { ServingCertificate, WebhookServer } from "./webhook-certificates.ts";

/** The names that certificates are made out to. */
export interface MeshNames {
  /** Of the component, before those of its children. */
  readonly name: string;
  readonly namespace: string;
  readonly vizNamespace: string;
  readonly trustDomain: string;
  /** Whether the viz extension is installed, which has servers of its own. */
  readonly viz: boolean;
}

/** Where the certificate of each server comes from. */
export type WebhookSources<Server extends WebhookServer = WebhookServer> = {
  readonly [server in Server]: ServingCertificate | FromCertManager;
};

/** What the mesh is installed with. What is cert-manager's is absent. */
export interface CertificateSet {
  /** Every anchor that proxies trust, PEM. */
  readonly trustBundlePem?: pulumi.Output<string>;
  /** The anchor that signed the issuer, PEM. */
  readonly trustAnchorPem?: pulumi.Output<string>;
  readonly issuer:
    | { readonly certPem: pulumi.Output<string>; readonly privateKeyPem: pulumi.Output<string> }
    | FromCertManager;
  readonly webhooks: WebhookSources;
  /** The anchors as the report names them. */
  readonly anchorPems: Readonly<Record<string, pulumi.Output<string>>>;
  /** Resolves, to the empty string, when values that are known during `up` only have passed their checks. */
  readonly checked?: pulumi.Output<string>;
}
