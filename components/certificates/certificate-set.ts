/** The certificates of a mesh, whatever the mode. */
import type * as pulumi from "@pulumi/pulumi";
import type { ValidationIssue } from "../inputs/validation.ts";
import type { FromCertManager } from "./cert-manager.ts";
import type { ServingCertificate } from "./webhook-certificates.ts";
import type { WebhookServer } from "./webhook-servers.ts";

/** The names that certificates are issued for. */
export interface MeshNames {
  /** Name of the `ServiceMesh`, the prefix of its children's names. */
  readonly name: string;
  /** Namespace of the control plane. */
  readonly namespace: string;
  /** Namespace of the viz extension. */
  readonly vizNamespace: string;
  /** Trust domain of the mesh's identities. */
  readonly trustDomain: string;
  /** Whether the viz extension is installed, which has two of the webhook servers. */
  readonly viz: boolean;
}

/** The result of checking the argument `certificates`, before anything is registered. */
export interface CertificatePlan {
  /** Issues with values that are known now. Every path begins with `certificates`. */
  readonly issues: readonly ValidationIssue[];
  /**
   * Registers the certificates as children of `parent`, the `ServiceMesh`. Call it only if there are no issues. `owner`
   * is the annotation of objects that may exist already.
   */
  create(parent: pulumi.Resource, owner?: pulumi.Input<string>): CertificateSet;
}

/** Where the certificate of each server comes from. */
export type WebhookSources<Server extends WebhookServer = WebhookServer> = {
  readonly [server in Server]: ServingCertificate | FromCertManager;
};

/** The certificates that the mesh is installed with. Those that cert-manager manages are absent. */
export interface CertificateSet {
  /** Every trust anchor of the proxies, PEM. */
  readonly trustBundlePem?: pulumi.Output<string>;
  /** The trust anchor that signed the issuer, PEM. */
  readonly trustAnchorPem?: pulumi.Output<string>;
  /** The identity issuer. */
  readonly issuer:
    | { readonly certPem: pulumi.Output<string>; readonly privateKeyPem: pulumi.Output<string> }
    | FromCertManager;
  /** The certificates of the webhook servers. */
  readonly webhooks: WebhookSources;
  /** The trust anchors by their names in the report. */
  readonly anchorPems: Readonly<Record<string, pulumi.Output<string>>>;
  /**
   * Resolves, to the empty string, when the values of Outputs have passed their checks. Absent if all values were known
   * and are checked already.
   */
  readonly checked?: pulumi.Output<string>;
}
