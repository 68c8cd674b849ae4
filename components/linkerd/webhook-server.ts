/** A server that the API server calls: its Secret, and the values that make a chart use it. */
import * as pulumi from "@pulumi/pulumi";
import type { FromCertManager } from "../certificates/cert-manager.ts";
import type { WebhookSources } from "../certificates/certificate-set.ts";
import type { ServingCertificate } from "../certificates/webhook-certificates.ts";
import { toKebabCase, WEBHOOK_SERVICES, type WebhookServer } from "../certificates/webhook-servers.ts";
import { tlsSecret } from "./tls-secret.ts";

/**
 * The Secret `<service>-k8s-tls` and the chart's values for it. Without `caBundle` the chart would publish an
 * authority that it generates itself, which signed nothing; beside `injectCaFrom` it refuses one (linkerd2,
 * `*-rbac.yaml` of both charts).
 */
export function webhookServer<Server extends WebhookServer>(
  name: string,
  server: Server,
  sources: WebhookSources<Server>,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
) {
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
    secrets: tlsSecret(`${name}-${toKebabCase(server)}-tls`, target, source, opts),
    values: {
      externalSecret: true,
      ...("caPem" in source
        ? { caBundle: source.caPem }
        : { injectCaFrom: pulumi.interpolate`${namespace}/${service}` }),
    },
  };
}
