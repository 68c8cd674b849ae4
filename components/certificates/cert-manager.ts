import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ownerAnnotation } from "../inputs/owner.ts";
import { ValidationError } from "../inputs/validation.ts";
import type { ValidityYears } from "./certificate-options.ts";
import {
  buildSubject,
  checkValidityYears,
  DEFAULT_VALIDITY_YEARS,
  toChildValidityHours,
  toValidityHours,
} from "./certificate-rules.ts";

/** {@link CertManagerAuthorities} */
export interface CertManagerAuthoritiesArgs {
  /** DNS name of the trust anchor, e.g. `root.linkerd.cluster.local`. */
  identity: pulumi.Input<string>;
  /** Namespace in which cert-manager looks for the Secrets of ClusterIssuers. */
  namespace: pulumi.Input<string>;
  /** How long the certificates are valid. */
  validityYears?: ValidityYears | undefined;
  /** Who manages the objects: the value of their annotation `linkerd-mesh/stack`. @default no annotation */
  owner?: pulumi.Input<string> | undefined;
}

/** A certificate that cert-manager or someone else creates, in the Secret that Linkerd mounts. */
export interface FromCertManager {
  /** The Certificate to create; absent if you manage it yourself. */
  readonly request?: { readonly clusterIssuer: pulumi.Input<string>; readonly hours: number } | undefined;
  /** The CA of a webhook certificate, PEM. @default cert-manager writes the CA of the server's Certificate */
  readonly caPem?: pulumi.Input<string> | undefined;
}

const API = "cert-manager.io/v1";
const BUNDLE = "linkerd-identity-trust-roots";

/**
 * The objects that Linkerd's guide "Automatically Rotating Control Plane TLS Credentials" sets up by hand: a trust
 * anchor and a CA for webhooks, each with a ClusterIssuer, and trust-manager's Bundle. The Bundle copies the anchor's
 * certificate, without its key, into the ConfigMap that proxies read (linkerd-control-plane, values
 * `identity.externalCA`).
 *
 * Throws a `ValidationError` if a validity is invalid.
 */
export class CertManagerAuthorities extends pulumi.ComponentResource {
  /** Signs the identity issuer. */
  public readonly identity: FromCertManager;
  /** Signs the webhook certificates, and no identity. */
  public readonly webhooks: FromCertManager;

  constructor(name: string, args: CertManagerAuthoritiesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { validityYears: years = {}, namespace } = args;
    const issues = checkValidityYears(["validityYears"], { ...years });
    if (issues.length > 0) throw new ValidationError(`CertManagerAuthorities "${name}"`, issues);

    super("linkerd-mesh:certificates:CertManagerAuthorities", name, {}, opts);
    const anchorHours = toValidityHours(years.trustAnchor ?? DEFAULT_VALIDITY_YEARS);
    const webhookHours = toValidityHours(years.webhooks ?? DEFAULT_VALIDITY_YEARS);
    const owned = args.owner === undefined ? {} : { annotations: ownerAnnotation(args.owner) };
    const createObject = (
      child: string,
      kind: string,
      metadata: object,
      spec: object,
      dependsOn: pulumi.Resource[],
    ) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${child}`,
        { apiVersion: API, kind, metadata: { ...metadata, ...owned }, spec },
        { parent: this, dependsOn },
      );

    const root = createObject(
      "self-signed",
      "ClusterIssuer",
      { name: "linkerd-self-signed" },
      { selfSigned: {} },
      [],
    );
    const createCa = (child: string, secretName: string, dnsName: pulumi.Input<string>, hours: number) => {
      const metadata = { name: secretName, namespace };
      const spec = certificateSpec({
        secretName,
        dnsName,
        hours,
        isCa: true,
        clusterIssuer: root.metadata.name,
      });
      const certificate = createObject(child, "Certificate", metadata, spec, []);
      return createObject(`${child}-issuer`, "ClusterIssuer", { name: secretName }, { ca: { secretName } }, [
        certificate,
      ]);
    };
    const anchor = createCa("trust-anchor", "linkerd-trust-anchor", args.identity, anchorHours);
    const webhooks = createCa(
      "webhooks",
      "linkerd-webhooks",
      pulumi.interpolate`webhooks.${args.identity}`,
      webhookHours,
    );
    new k8s.apiextensions.CustomResource(
      `${name}-bundle`,
      {
        apiVersion: "trust.cert-manager.io/v1alpha1",
        kind: "Bundle",
        metadata: { name: BUNDLE, ...owned },
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
        hours: toChildValidityHours(years.issuer ?? DEFAULT_VALIDITY_YEARS, anchorHours),
      },
    };
    this.webhooks = {
      request: {
        clusterIssuer: webhooks.metadata.name,
        hours: toChildValidityHours(years.webhooks ?? DEFAULT_VALIDITY_YEARS, webhookHours),
      },
    };
    this.registerOutputs({});
  }
}

/** The `spec` of a cert-manager Certificate: ECDSA P-256 and PKCS#8, which every part of Linkerd reads. */
export function certificateSpec(args: {
  secretName: string;
  dnsName: pulumi.Input<string>;
  hours: number;
  isCa: boolean;
  clusterIssuer: pulumi.Input<string>;
}) {
  const dnsName = pulumi.output(args.dnsName);
  const subject = dnsName.apply(buildSubject);
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
