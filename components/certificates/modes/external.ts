/** Certificates in Secrets that someone else creates and renews. */
import type * as pulumi from "@pulumi/pulumi";
import type { FromCertManager } from "../cert-manager.ts";
import type {
  ExternalIssuer,
  ExternalWebhooks,
  GeneratedWebhooks,
  ProvidedCertificates,
  ProvidedWebhooks,
} from "../certificate-options.ts";
import type { WebhookSources } from "../certificate-set.ts";

/** Whether someone else manages the issuer's Secret. */
export function isExternalIssuer(issuer: ProvidedCertificates["issuer"]): issuer is ExternalIssuer {
  return (issuer as ExternalIssuer | undefined)?.external === true;
}

/** Whether someone else manages the Secrets of the webhook servers. */
export function isExternalWebhooks(
  webhooks: ProvidedWebhooks | ExternalWebhooks | GeneratedWebhooks | undefined,
): webhooks is ExternalWebhooks {
  return webhooks?.external === true;
}

/** The same source for all servers. */
export function sameSource(source: FromCertManager): WebhookSources {
  return {
    proxyInjector: source,
    profileValidator: source,
    policyValidator: source,
    tap: source,
    tapInjector: source,
  };
}

/** Secrets with certificates that a CA signed; without a CA, cert-manager writes it. */
export function externalSource(caPem: pulumi.Input<string> | undefined): FromCertManager {
  return caPem === undefined ? {} : { caPem };
}
