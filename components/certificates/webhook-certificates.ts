import * as pulumi from "@pulumi/pulumi";
import { resolveValidityYears } from "./certificate-rules.ts";
import { createSelfSignedCa, issueCertificate } from "./key-pair.ts";
import { toKebabCase, WEBHOOK_SERVICES, type WebhookServer } from "./webhook-servers.ts";

/** {@link WebhookCertificates} */
export interface WebhookCertificatesArgs {
  /** Namespace of the control plane. */
  namespace: pulumi.Input<string>;
  /** Namespace of the viz extension. */
  vizNamespace: pulumi.Input<string>;
  /**
   * Validity in years, an integer from 1 to 292. Not an Input: the validity of the CA limits that of the servers'
   * certificates.
   *
   * @default 100
   */
  validityYears?: number | undefined;
}

/** The certificate of a server that the API server calls, and the CA that the API server verifies it with. */
export interface ServingCertificate {
  /** The certificate, PEM. Public. */
  readonly certPem: pulumi.Output<string>;
  /** Its key, PKCS#8 PEM. Secret. */
  readonly privateKeyPem: pulumi.Output<string>;
  /** The CA that signed it, PEM: the `caBundle` of the webhook configuration. Public. */
  readonly caPem: pulumi.Output<string>;
}

/**
 * The certificates of the five servers that the API server calls. Without them, Linkerd's charts generate certificates
 * for 365 days at every render, and an installation that is older than a year stops injecting.
 *
 * They have a CA of their own, so that the key of this CA cannot sign mesh identities.
 *
 * Throws a `ValidationError` if `validityYears` is invalid.
 */
export class WebhookCertificates extends pulumi.ComponentResource {
  /** The CA of the five certificates, PEM. Public. */
  public readonly caPem: pulumi.Output<string>;
  /** The certificate of `linkerd-proxy-injector`. */
  public readonly proxyInjector: ServingCertificate;
  /** The certificate of `linkerd-sp-validator`. */
  public readonly profileValidator: ServingCertificate;
  /** The certificate of `linkerd-policy-validator`. */
  public readonly policyValidator: ServingCertificate;
  /** The certificate of viz's `tap`. */
  public readonly tap: ServingCertificate;
  /** The certificate of viz's `tap-injector`. */
  public readonly tapInjector: ServingCertificate;

  constructor(name: string, args: WebhookCertificatesArgs, opts?: pulumi.ComponentResourceOptions) {
    const validityYears = resolveValidityYears(`WebhookCertificates "${name}"`, args.validityYears);
    super("linkerd-mesh:certificates:WebhookCertificates", name, {}, opts);
    const ca = createSelfSignedCa(
      `${name}-ca`,
      { dnsName: pulumi.interpolate`webhooks.${args.namespace}.svc`, validityYears },
      { parent: this },
    );
    const issue = (server: WebhookServer): ServingCertificate => {
      const { service, extension } = WEBHOOK_SERVICES[server];
      const namespace = extension === "viz" ? args.vizNamespace : args.namespace;
      const { certPem, privateKeyPem } = issueCertificate(
        ca,
        `${name}-${toKebabCase(server)}`,
        { dnsName: pulumi.interpolate`${service}.${namespace}.svc`, validityYears, isCa: false },
        { parent: this },
      );
      return { certPem, privateKeyPem, caPem: ca.certPem };
    };
    this.caPem = ca.certPem;
    this.proxyInjector = issue("proxyInjector");
    this.profileValidator = issue("profileValidator");
    this.policyValidator = issue("policyValidator");
    this.tap = issue("tap");
    this.tapInjector = issue("tapInjector");
    this.registerOutputs({ caPem: this.caPem });
  }
}
