/** Commands that store the certificates of a running mesh as settings. */
import type { Fix } from "../../../components/inputs/validation.ts";
import type { RunningMesh } from "./running-mesh.ts";

/** Commands as a fix. */
export function commandFix(...commands: string[]): Fix {
  return { kind: "command", text: commands.join(" && ") };
}

/** The command that sets a setting of `certificates`. */
export function setCertificates(field: string, value: string | boolean): string {
  return `pulumi config set --path certificates.${field} ${value}`;
}

/** The command that removes a setting of `certificates`. */
export function removeCertificates(field: string): string {
  return `pulumi config rm --path certificates.${field}`;
}

/** The command that stores the running trust anchors. */
export function storeBundle(namespace: string): string {
  return (
    `kubectl get configmap linkerd-identity-trust-roots -n ${namespace} -o 'jsonpath={.data.ca-bundle\\.crt}' | ` +
    "pulumi config set --path certificates.trustAnchors"
  );
}

/** The commands that keep the running issuer: those that store it, or the one that leaves its Secret alone. */
export function keepIssuer({ issuer }: RunningMesh, namespace: string): string[] {
  if (issuer !== undefined && !isOfHelm(issuer)) return [setCertificates("issuer.external", true)];
  return storeIssuer(issuer?.entries ?? ["crt.pem", "key.pem"], namespace);
}

/** The commands that store the running issuer with its key. */
export function storeIssuer(entries: readonly string[], namespace: string): string[] {
  const [certificate, key] = entries.includes("tls.crt") ? ["tls.crt", "tls.key"] : ["crt.pem", "key.pem"];
  const read = (entry = "") =>
    `kubectl get secret linkerd-identity-issuer -n ${namespace} -o 'jsonpath={.data.${entry.replace(".", "\\.")}}' | ` +
    "base64 -d | pulumi config set ";
  return [
    `${read(certificate)}--path certificates.issuer.certificate`,
    `${read(key)}--secret --path certificates.issuer.key`,
  ];
}

/** The command that stores the CA of the running webhook servers. The proxy injector's is the CA of all servers. */
export function storeWebhookCa(): string {
  return (
    "kubectl get mutatingwebhookconfiguration linkerd-proxy-injector-webhook-config " +
    "-o 'jsonpath={.webhooks[0].clientConfig.caBundle}' | base64 -d | pulumi config set --path certificates.webhooks.ca"
  );
}

/** Whether an object belongs to a Helm release, which deletes it when its chart no longer renders it. */
export function isOfHelm({ manager }: Pick<NonNullable<RunningMesh["issuer"]>, "manager">): boolean {
  return manager?.kind === "helm";
}
