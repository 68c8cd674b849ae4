import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ValidityYears } from "./certificate-options.ts";
import {
  childValidityHours,
  DEFAULT_VALIDITY_YEARS,
  subjectFor,
  validityHours,
} from "./certificate-rules.ts";

/** {@link CertManagerAuthorities} */
export interface CertManagerAuthoritiesArgs {
  /** DNS name of the trust anchor, e.g. `root.linkerd.cluster.local`. */
  identity: string;
  /** Namespace in which cert-manager looks for the Secrets of ClusterIssuers. */
  namespace: string;
  /** How long the certificates live. */
  validityYears?: ValidityYears | undefined;
}

/** A certificate that cert-manager makes, into the Secret that Linkerd mounts. */
export interface FromCertManager {
  /** What to ask cert-manager for; absent where the Certificate is somebody else's. */
  readonly request?: { readonly clusterIssuer: pulumi.Input<string>; readonly hours: number } | undefined;
}

const API = "cert-manager.io/v1";
const BUNDLE = "linkerd-identity-trust-roots";

/**
 * What Linkerd's guide "Automatically Rotating Control Plane TLS Credentials" sets up by hand: a trust anchor and
 * a webhook authority, each a ClusterIssuer, and trust-manager's Bundle that carries the anchor, and no key,
 * into the ConfigMap that proxies read (linkerd-control-plane, values `identity.externalCA`).
 */
export class CertManagerAuthorities extends pulumi.ComponentResource {
  /** Signs the identity issuer. */
  public readonly identity: FromCertManager;
  /** Signs the webhook certificates, and no identity. */
  public readonly webhooks: FromCertManager;

  constructor(name: string, args: CertManagerAuthoritiesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:certificates:CertManagerAuthorities", name, {}, opts);
    const { validityYears: years = {}, namespace } = args;
    const anchorHours = validityHours(years.trustAnchor ?? DEFAULT_VALIDITY_YEARS);
    const webhookHours = validityHours(years.webhooks ?? DEFAULT_VALIDITY_YEARS);
    const object = (
      child: string,
      kind: string,
      metadata: object,
      spec: object,
      dependsOn: pulumi.Resource[],
    ) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${child}`,
        { apiVersion: API, kind, metadata, spec },
        { parent: this, dependsOn },
      );

    const root = object(
      "self-signed",
      "ClusterIssuer",
      { name: "linkerd-self-signed" },
      { selfSigned: {} },
      [],
    );
    const authority = (child: string, secretName: string, dnsName: string, hours: number) => {
      const metadata = { name: secretName, namespace };
      const spec = certificateSpec({
        secretName,
        dnsName,
        hours,
        isCa: true,
        clusterIssuer: root.metadata.name,
      });
      const certificate = object(child, "Certificate", metadata, spec, []);
      return object(`${child}-issuer`, "ClusterIssuer", { name: secretName }, { ca: { secretName } }, [
        certificate,
      ]);
    };
    const anchor = authority("trust-anchor", "linkerd-trust-anchor", args.identity, anchorHours);
    const webhooks = authority("webhooks", "linkerd-webhooks", `webhooks.${args.identity}`, webhookHours);
    new k8s.apiextensions.CustomResource(
      `${name}-bundle`,
      {
        apiVersion: "trust.cert-manager.io/v1alpha1",
        kind: "Bundle",
        metadata: { name: BUNDLE },
        spec: {
          sources: [{ secret: { name: "linkerd-trust-anchor", key: "tls.crt" } }],
          target: {
            configMap: { key: "ca-bundle.crt" },
            namespaceSelector: { matchLabels: { "linkerd.io/is-control-plane": "true" } },
          },
        },
      },
      { parent: this, dependsOn: anchor },
    );
    this.identity = {
      request: {
        clusterIssuer: anchor.metadata.name,
        hours: childValidityHours(years.issuer ?? DEFAULT_VALIDITY_YEARS, anchorHours),
      },
    };
    this.webhooks = {
      request: {
        clusterIssuer: webhooks.metadata.name,
        hours: childValidityHours(years.webhooks ?? DEFAULT_VALIDITY_YEARS, webhookHours),
      },
    };
    this.registerOutputs({});
  }
}

/** The `spec` of a cert-manager Certificate: ECDSA P-256, PKCS#8, which all of Linkerd reads. */
export function certificateSpec(args: {
  secretName: string;
  dnsName: pulumi.Input<string>;
  hours: number;
  isCa: boolean;
  clusterIssuer: pulumi.Input<string>;
}) {
  const dnsName = pulumi.output(args.dnsName);
  const subject = dnsName.apply(subjectFor);
  return {
    secretName: args.secretName,
    commonName: subject.apply((s) => ("commonName" in s ? s.commonName : undefined)),
    subject: subject.apply((s) => ("organization" in s ? { organizations: [s.organization] } : undefined)),
    dnsNames: [dnsName],
    isCA: args.isCa,
    duration: `${args.hours}h`,
    privateKey: { algorithm: "ECDSA", size: 256, encoding: "PKCS8" },
    usages: args.isCa ? ["cert sign", "crl sign"] : ["digital signature", "key encipherment", "server auth"],
    issuerRef: { name: args.clusterIssuer, kind: "ClusterIssuer" },
  };
}
