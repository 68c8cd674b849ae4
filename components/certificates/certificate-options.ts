/** The argument `certificates` of a mesh: where its certificates come from. */
import type * as pulumi from "@pulumi/pulumi";
import type { WebhookServer } from "./webhook-servers.ts";

/** Where the mesh's certificates come from. @default { mode: "generated" } */
export type MeshCertificates = GeneratedCertificates | ProvidedCertificates | CertManagerCertificates;

/** Options of every mode. */
export interface CommonCertificateOptions {
  /** Warn in previews and updates about every certificate that expires within this number of days. @default 90 */
  warnWithinDays?: number | undefined;
  /**
   * Allow an update that removes or replaces the trust anchor of running proxies without the steps of
   * `docs/rotation.md`. Every connection in the mesh breaks until all workloads restart. Remove this option after the
   * update.
   *
   * @default false
   */
  acceptTrustAnchorOutage?: boolean | undefined;
}

/**
 * Validities in years, integers from 1 to 292. A certificate is always valid for fewer hours than the CA that signs
 * it. Changing a validity replaces the certificate.
 */
export interface ValidityYears {
  /** Trust anchors that do not set their own. @default 100 */
  trustAnchor?: number | undefined;
  /** The identity issuer. @default 100 */
  issuer?: number | undefined;
  /** The CA of the webhooks and its five certificates. @default 100 */
  webhooks?: number | undefined;
}

/** The algorithm of a trust anchor's key. RSA is for trust anchors only: an issuer is always ECDSA P-256. */
export type AnchorAlgorithm = "ECDSA-P256" | "RSA-4096";

/** One generation of the trust anchor. Its options must not change while proxies trust it. */
export interface AnchorGeneration {
  /** Its number, an integer from 1. Every rotation adds a higher one. */
  generation: number;
  /** Validity in years, an integer from 1 to 292. @default validityYears.trustAnchor */
  validityYears?: number | undefined;
  /** @default "ECDSA-P256" */
  algorithm?: AnchorAlgorithm | undefined;
}

/** Pulumi creates the trust anchor, the issuer and the webhook certificates, and keeps them in the stack's state. */
export interface GeneratedCertificates extends CommonCertificateOptions {
  mode: "generated";
  /** How long the certificates are valid. */
  validityYears?: ValidityYears | undefined;
  /** Generations that proxies trust: numbers, or objects with options. @default [1] */
  trustAnchors?: (number | AnchorGeneration)[] | undefined;
  /** The generation whose issuer signs the proxies' certificates. @default the first of `trustAnchors` */
  issuingAnchor?: number | undefined;
  /** Set Pulumi's `protect` on the issuing anchor, so that Pulumi does not delete or replace it. @default false */
  protect?: boolean | undefined;
}

/** A certificate and its key, PEM. */
export interface ProvidedPair {
  /** Exactly one certificate. */
  certificate: pulumi.Input<string>;
  /** PKCS#8 or SEC1, not encrypted. Kept as a secret, also if it is given in plain text. */
  key: pulumi.Input<string>;
  external?: false | undefined;
}

/**
 * Someone else creates and renews the Secret `linkerd-identity-issuer`, e.g. cert-manager with a CA of yours. Its type is
 * `kubernetes.io/tls`. Pulumi neither creates nor reads it. One of `trustAnchors` must have signed it.
 */
export interface ExternalIssuer {
  /** Plain, because it decides whether Pulumi creates the Secret. */
  external: true;
  certificate?: undefined;
  key?: undefined;
}

/** The certificates of the five webhook servers, and the CA that signed them. */
export type ProvidedWebhooks = {
  /** The CA of the five certificates, PEM. */
  ca: pulumi.Input<string>;
  external?: false | undefined;
} & {
  /** Required for every server that is installed. */
  [server in WebhookServer]?: pulumi.Input<ProvidedPair> | undefined;
};

/**
 * Someone else creates and renews the Secrets `<service>-k8s-tls` of the webhook servers, e.g. cert-manager. Their type is
 * `kubernetes.io/tls`.
 */
export type ExternalWebhooks = {
  /** Plain, because it decides whether Pulumi creates the Secrets. */
  external: true;
  /**
   * The CA that signed the five certificates, PEM.
   * @default cert-manager writes it, from the Certificate `<service>` in the namespace of each server
   */
  ca?: pulumi.Input<string> | undefined;
} & { [server in WebhookServer]?: undefined };

/** Pulumi creates the webhook certificates. */
export interface GeneratedWebhooks {
  external: false;
  ca?: undefined;
}

/**
 * You provide the certificates. Plain values are checked before any resource is registered, and Outputs when they
 * resolve, before anything is created in the cluster.
 */
export interface ProvidedCertificates extends CommonCertificateOptions {
  mode: "provided";
  /** Trust anchors, PEM, one after another: ECDSA P-256, or RSA with 2048 or 4096 bits. */
  trustAnchors: pulumi.Input<string>;
  /**
   * Signs the proxies' certificates: ECDSA P-256, DNS name `identity.<namespace>.<trust domain>`. With `external: true`,
   * someone else manages it, and only `trustAnchors` is checked.
   */
  issuer: pulumi.Input<ProvidedPair> | ExternalIssuer;
  /** Not an Input: whether it is given decides which resources exist. @default generated */
  webhooks?: ProvidedWebhooks | ExternalWebhooks | undefined;
  /** How long generated webhook certificates are valid. */
  validityYears?: Pick<ValidityYears, "webhooks"> | undefined;
}

/**
 * cert-manager creates and renews the certificates, and trust-manager distributes the trust bundle. Pulumi sees no
 * key. The names are those of Linkerd's guide: Secret `linkerd-identity-issuer`, ConfigMap
 * `linkerd-identity-trust-roots`, and one Certificate for each webhook, named like its Service.
 */
export interface CertManagerCertificates extends CommonCertificateOptions {
  mode: "certManager";
  /** Also create the ClusterIssuers, the Certificates and the Bundle; `false` if you manage them yourself. @default true */
  create?: boolean | undefined;
  /**
   * Source of the webhook certificates where `create` is `false`.
   * @default external, with a Certificate of cert-manager for each server
   */
  webhooks?: ExternalWebhooks | GeneratedWebhooks | undefined;
  /** Namespace in which cert-manager looks for the Secrets of ClusterIssuers. @default "cert-manager" */
  namespace?: string | undefined;
  /** How long the certificates are valid that are created. */
  validityYears?: ValidityYears | undefined;
}
