/** The three ways to certificates, as a user states them. */
import type * as pulumi from "@pulumi/pulumi";
import type { WebhookServer } from "./webhook-certificates.ts";

/** Where the mesh's certificates come from. @default { mode: "generated" } */
export type MeshCertificates = GeneratedCertificates | ProvidedCertificates | CertManagerCertificates;

/** What is asked of every mode. */
interface AnyCertificates {
  /** Warn at preview and up when a certificate ends within so many days. @default 90 */
  warnWithinDays?: number | undefined;
  /**
   * Let go of the trust anchor that running proxies hold, without the steps of `docs/rotation.md`. Every
   * connection in the mesh breaks until every workload is restarted. Take it out again after the `up`.
   * @default false
   */
  acceptTrustAnchorOutage?: boolean | undefined;
}

/** Whole years that certificates live, 1 to 292, and none longer than the one that signs it. */
export interface ValidityYears {
  /** Trust anchors that say nothing of their own. @default 100 */
  trustAnchor?: number | undefined;
  /** The identity issuer. @default 100 */
  issuer?: number | undefined;
  /** The webhooks' authority and its five leaves. @default 100 */
  webhooks?: number | undefined;
}

/** How a trust anchor signs. RSA is for anchors alone: an issuer is always ECDSA P-256. */
export type AnchorAlgorithm = "ECDSA-P256" | "RSA-4096";

/** One trust anchor of those that were and will be. What it is made with stays, for as long as it is trusted. */
export interface AnchorGeneration {
  /** Its number, counted up at every rotation. */
  generation: number;
  /** Whole years until it ends. @default validityYears.trustAnchor */
  validityYears?: number | undefined;
  /** @default "ECDSA-P256" */
  algorithm?: AnchorAlgorithm | undefined;
}

/** Made by Pulumi and kept in the stack's state: trust anchor, issuer and webhook certificates. */
export interface GeneratedCertificates extends AnyCertificates {
  mode: "generated";
  validityYears?: ValidityYears | undefined;
  /** Generations that proxies trust, by number or in full. @default [1] */
  trustAnchors?: (number | AnchorGeneration)[] | undefined;
  /** The generation whose issuer signs the proxies' certificates. @default the first of `trustAnchors` */
  issuingAnchor?: number | undefined;
  /** Have Pulumi refuse to delete or replace the anchor that signs. @default false */
  protect?: boolean | undefined;
}

/** A certificate and its key, PEM. */
export interface ProvidedPair {
  certificate: pulumi.Input<string>;
  /** PKCS#8 or SEC1, not encrypted. Becomes a secret, whether it was one or not. */
  key: pulumi.Input<string>;
}

/** Brought by the user. Checked before anything is created; what is known only during `up`, before the charts. */
export interface ProvidedCertificates extends AnyCertificates {
  mode: "provided";
  /** Trust anchors, PEM, one after another: ECDSA P-256, or RSA of 2048 or 4096 bits. */
  trustAnchors: pulumi.Input<string>;
  /** Signs the proxies' certificates: ECDSA P-256, DNS name `identity.<namespace>.<trust domain>`. */
  issuer: ProvidedPair;
  /** The five webhook servers' certificates, and the authority that signed them. @default generated */
  webhooks?:
    | ({ ca: pulumi.Input<string> } & { [server in WebhookServer]?: ProvidedPair | undefined })
    | undefined;
  /** How long webhook certificates live that are generated. */
  validityYears?: Pick<ValidityYears, "webhooks"> | undefined;
}

/**
 * Made and renewed by cert-manager, and the bundle spread by trust-manager; Pulumi sees no key. The names are
 * those of Linkerd's own guide: Secret `linkerd-identity-issuer`, ConfigMap `linkerd-identity-trust-roots`, and
 * a Certificate of the name of each webhook's Service.
 */
export interface CertManagerCertificates extends AnyCertificates {
  mode: "certManager";
  /** Create the issuers, Certificates and Bundle too; `false` where they are somebody else's. @default true */
  create?: boolean | undefined;
  /** Namespace in which cert-manager looks for the Secrets of ClusterIssuers. @default "cert-manager" */
  namespace?: string | undefined;
  /** How long the certificates live that are created. */
  validityYears?: ValidityYears | undefined;
}
