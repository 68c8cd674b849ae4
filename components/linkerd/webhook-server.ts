/** The Secret of a server that the Kubernetes API server calls, and the chart values that refer to it. */
import * as pulumi from "@pulumi/pulumi";
import type { FromCertManager } from "../certificates/cert-manager.ts";
import type { WebhookSources } from "../certificates/certificate-set.ts";
import type { ServingCertificate } from "../certificates/webhook-certificates.ts";
import { toKebabCase, WEBHOOK_SERVICES, type WebhookServer } from "../certificates/webhook-servers.ts";
import { createTlsSecret, type TlsSecret } from "./tls-secret.ts";

/** A server's Secret and chart values. */
interface WebhookServerSecret {
  /** Absent if someone else creates the Secret. */
  readonly secret: TlsSecret | undefined;
  /** Values below the server's key. */
  readonly values: pulumi.Inputs;
}

/**
 * Creates the Secret `<service>-k8s-tls`, and returns it with the chart values that refer to it. Without `caBundle`,
 * the chart publishes a CA that it generates, which did not sign the certificate. With `injectCaFrom`, the chart
 * accepts no `caBundle` (linkerd2, `*-rbac.yaml` of both charts).
 */
export function createWebhookServerSecret<Server extends WebhookServer>(
  name: string,
  server: Server,
  sources: WebhookSources<Server>,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): WebhookServerSecret {
  const { service } = WEBHOOK_SERVICES[server];
  const target = {
    secretName: `${service}-k8s-tls`,
    namespace,
    certificateName: service,
    dnsName: pulumi.interpolate`${service}.${namespace}.svc`,
    isCa: false,
  };
  const source: ServingCertificate | FromCertManager = sources[server];
  return {
    secret: createTlsSecret(`${name}-${toKebabCase(server)}-tls`, target, source, opts),
    values: {
      externalSecret: true,
      ...("caPem" in source
        ? { caBundle: source.caPem }
        : { injectCaFrom: pulumi.interpolate`${namespace}/${service}` }),
    },
  };
}
