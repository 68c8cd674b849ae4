/** The servers that the Kubernetes API server calls. */

/** A server, named as in the values of Linkerd's charts. */
export type WebhookServer = "proxyInjector" | "profileValidator" | "policyValidator" | "tap" | "tapInjector";

/** Their Services in Linkerd's charts. The API server calls `<service>.<namespace>.svc`. */
export const WEBHOOK_SERVICES: Readonly<Record<WebhookServer, { service: string; extension?: "viz" }>> = {
  proxyInjector: { service: "linkerd-proxy-injector" },
  profileValidator: { service: "linkerd-sp-validator" },
  policyValidator: { service: "linkerd-policy-validator" },
  tap: { service: "tap", extension: "viz" },
  tapInjector: { service: "tap-injector", extension: "viz" },
};

/** A server's name in the names of resources: `proxyInjector` becomes `proxy-injector`. */
export function toKebabCase(server: WebhookServer): string {
  return server.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
