import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_VALIDITY_YEARS } from "./certificate.ts";
import { type KeyPair, selfSignedAuthority, signedBy } from "./key-pair.ts";

/** {@link WebhookCertificates} */
export interface WebhookCertificatesArgs {
  /** Namespace of the control plane. */
  namespace: pulumi.Input<string>;
  /** Namespace of the viz extension. */
  vizNamespace: pulumi.Input<string>;
  /** Whole years until they end, 1 to 292. @default 100 */
  validityYears?: number | undefined;
}

/** What a server that the API server calls presents, and what the API server checks it against. */
export interface ServingCertificate {
  /** The certificate, PEM. Public. */
  readonly certPem: pulumi.Output<string>;
  /** Its key, PKCS#8 PEM. Secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** The authority that signed it, PEM: the `caBundle` of the webhook configuration. Public. */
  readonly caPem: pulumi.Output<string>;
}

/**
 * The certificates of the five servers that the API server calls. Left alone, Linkerd's charts generate
 * them for 365 days, anew at every render; an installation older than a year then stops injecting.
 *
 * They have an authority of their own: whoever holds it must not be able to mint mesh identities.
 */
export class WebhookCertificates extends pulumi.ComponentResource {
  /** The authority of the five, PEM. Public. */
  public readonly caPem: pulumi.Output<string>;
  public readonly proxyInjector: ServingCertificate;
  public readonly profileValidator: ServingCertificate;
  public readonly policyValidator: ServingCertificate;
  public readonly tap: ServingCertificate;
  public readonly tapInjector: ServingCertificate;

  constructor(name: string, args: WebhookCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:certificates:WebhookCertificates", name, {}, opts);
    const validityYears = args.validityYears ?? DEFAULT_VALIDITY_YEARS;
    const ca = selfSignedAuthority(
      `${name}-ca`,
      { dnsName: pulumi.interpolate`webhooks.${args.namespace}.svc`, validityYears },
      { parent: this },
    );
    // The names are those of the Services in Linkerd's charts: the API server dials <service>.<namespace>.svc.
    const serve = (server: string, service: string, namespace: pulumi.Input<string>): ServingCertificate => {
      const leaf: KeyPair = signedBy(
        ca,
        `${name}-${server}`,
        { dnsName: pulumi.interpolate`${service}.${namespace}.svc`, validityYears, isCa: false },
        { parent: this },
      );
      return { certPem: leaf.certPem, privateKeyPem: leaf.privateKeyPem, caPem: ca.certPem };
    };
    this.caPem = ca.certPem;
    this.proxyInjector = serve("proxy-injector", "linkerd-proxy-injector", args.namespace);
    this.profileValidator = serve("profile-validator", "linkerd-sp-validator", args.namespace);
    this.policyValidator = serve("policy-validator", "linkerd-policy-validator", args.namespace);
    this.tap = serve("tap", "tap", args.vizNamespace);
    this.tapInjector = serve("tap-injector", "tap-injector", args.vizNamespace);
    this.registerOutputs({ caPem: this.caPem });
  }
}
