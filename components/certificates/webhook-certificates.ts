import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_VALIDITY_YEARS } from "./certificate-rules.ts";
import { createSelfSignedCa, issueCertificate, type KeyPair } from "./key-pair.ts";

/** The servers that the API server calls, named as in the values of Linkerd's charts. */
export type WebhookServer = "proxyInjector" | "profileValidator" | "policyValidator" | "tap" | "tapInjector";

/** Their Services, of Linkerd's charts: the API server dials <service>.<namespace>.svc. */
export const WEBHOOK_SERVICES: Record<WebhookServer, { service: string; extension?: "viz" }> = {
  proxyInjector: { service: "linkerd-proxy-injector" },
  profileValidator: { service: "linkerd-sp-validator" },
  policyValidator: { service: "linkerd-policy-validator" },
  tap: { service: "tap", extension: "viz" },
  tapInjector: { service: "tap-injector", extension: "viz" },
};

/** `proxyInjector` as it stands in names: `proxy-injector`. */
export function kebab(server: WebhookServer): string {
  return server.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

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
    const ca = createSelfSignedCa(
      `${name}-ca`,
      { dnsName: pulumi.interpolate`webhooks.${args.namespace}.svc`, validityYears },
      { parent: this },
    );
    const serve = (server: WebhookServer): ServingCertificate => {
      const { service, extension } = WEBHOOK_SERVICES[server];
      const namespace = extension === "viz" ? args.vizNamespace : args.namespace;
      const leaf: KeyPair = issueCertificate(
        ca,
        `${name}-${kebab(server)}`,
        { dnsName: pulumi.interpolate`${service}.${namespace}.svc`, validityYears, isCa: false },
        { parent: this },
      );
      return { certPem: leaf.certPem, privateKeyPem: leaf.privateKeyPem, caPem: ca.certPem };
    };
    this.caPem = ca.certPem;
    this.proxyInjector = serve("proxyInjector");
    this.profileValidator = serve("profileValidator");
    this.policyValidator = serve("policyValidator");
    this.tap = serve("tap");
    this.tapInjector = serve("tapInjector");
    this.registerOutputs({ caPem: this.caPem });
  }
}
