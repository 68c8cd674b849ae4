/** Compares the certificates of the running webhook servers with those that the settings would install. */
import { WEBHOOK_SERVICES, type WebhookServer } from "../../../components/certificates/webhook-servers.ts";
import { fingerprintCertificate } from "../../../components/certificates/x509/pem.ts";
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { commandFix, isOfHelm, removeCertificates, setCertificates, storeWebhookCa } from "./commands.ts";
import { readAll } from "./compare-trust.ts";
import type { RunningMesh, RunningWebhook } from "./running-mesh.ts";

type WebhookSettings = Pick<Settings, "certificates" | "namespace" | "vizNamespace">;

/** A running server with the names of its objects. */
interface Server extends RunningWebhook {
  /** Name of its Service, and of its Certificate. */
  readonly service: string;
  /** The Certificate that cert-manager injects by default, as `<namespace>/<name>`. */
  readonly certificate: string;
}

const PATH = ["certificates", "webhooks"];

/** Finds webhook servers that would lose their Secret or their CA, or whose Secret Pulumi would take from someone else. */
export function compareWebhooks(running: RunningMesh, settings: WebhookSettings): ValidationIssue[] {
  const servers = listServers(running, settings);
  const ofHelm = servers.filter(({ secret }) => secret !== undefined && isOfHelm(secret));
  const ofOthers = servers.filter(({ secret, isCaInjected }) =>
    secret?.manager === undefined ? isCaInjected : secret.manager.kind === "other",
  );
  if (ofHelm.length > 0 && ofOthers.length > 0) return [mixedIssue(ofHelm, ofOthers)];
  const planned = plannedSource(settings.certificates);
  if (planned === "pulumi") return ofOthers.length > 0 ? [foreignSecretsIssue(servers, ofOthers)] : [];
  if (ofHelm.length > 0) return [chartSecretsIssue(ofHelm, settings.certificates)];
  const missing = servers.filter(({ secret }) => secret === undefined);
  if (missing.length > 0) return [missingSecretsIssue(missing, settings.certificates)];
  return planned.ca === undefined ? compareInjectedCa(servers) : compareCa(servers, planned.ca);
}

function listServers({ webhooks }: RunningMesh, { namespace, vizNamespace }: WebhookSettings): Server[] {
  return (Object.entries(webhooks) as [WebhookServer, RunningWebhook][]).map(([server, webhook]) => {
    const { service, extension } = WEBHOOK_SERVICES[server];
    const inNamespace = extension === "viz" ? vizNamespace : namespace;
    return { ...webhook, service, certificate: `${inNamespace}/${service}` };
  });
}

/** Who provides the Secrets according to the settings, and the CA if it is not Pulumi. */
function plannedSource(
  certificates: Settings["certificates"],
): "pulumi" | { readonly ca?: string | undefined } {
  if (certificates.mode === "generated") return "pulumi";
  const { webhooks } = certificates;
  if (webhooks?.external) return { ca: webhooks.ca };
  return certificates.mode === "provided" || webhooks?.external === false ? "pulumi" : {};
}

/** A chart's Secrets are deleted when it no longer renders them, and Pulumi must not take the others. */
function mixedIssue(ofHelm: readonly Server[], ofOthers: readonly Server[]): ValidationIssue {
  return {
    path: PATH,
    reason: "must apply to the Secrets of all webhook servers",
    got: `a mesh in which Helm manages those of ${listServices(ofHelm)}, and ${nameManager(ofOthers)} those of ${listServices(ofOthers)}`,
    because: "The settings have one source for all servers",
    fixes: [
      { kind: "instruction", text: 'follow docs/adoption.md, "Webhook certificates with two managers"' },
    ],
  };
}

function foreignSecretsIssue(servers: readonly Server[], ofOthers: readonly Server[]): ValidationIssue {
  const isInjected = compareInjectedCa(servers).length === 0;
  return {
    path: PATH,
    reason: "must be external to keep the Secrets of the webhook servers",
    got: "certificates that Pulumi manages",
    because: `${nameManager(ofOthers)} manages the certificates of ${listServices(ofOthers)} and would replace those of Pulumi`,
    fixes: [
      commandFix(setCertificates("webhooks.external", true), ...(isInjected ? [] : [storeWebhookCa()])),
    ],
  };
}

function chartSecretsIssue(
  ofHelm: readonly Server[],
  certificates: Settings["certificates"],
): ValidationIssue {
  return {
    path: PATH,
    reason: "must not be external while the Secrets of the webhook servers belong to Helm releases",
    got: `external certificates for ${listServices(ofHelm)}`,
    because: "Helm would delete the Secrets, and the API server could not call the webhooks",
    fixes: [
      commandFix(
        certificates.mode === "certManager"
          ? setCertificates("webhooks.external", false)
          : removeCertificates("webhooks"),
      ),
    ],
  };
}

function missingSecretsIssue(
  missing: readonly Server[],
  certificates: Settings["certificates"],
): ValidationIssue {
  return {
    ...chartSecretsIssue(missing, certificates),
    reason: "must not be external without the Secrets of the webhook servers",
    because: `The servers read the Secrets ${missing.map(({ service }) => `${service}-k8s-tls`).join(", ")}`,
  };
}

function compareInjectedCa(servers: readonly Server[]): ValidationIssue[] {
  const others = servers.filter(({ injectCaFrom, certificate }) => injectCaFrom !== certificate);
  if (others.length === 0) return [];
  return [
    {
      path: [...PATH, "ca"],
      reason: "must be the CA of the running webhook servers",
      got: `nothing, so that cert-manager would inject the CA of ${others.map(({ certificate }) => `Certificate ${certificate}`).join(", ")}`,
      because: "The API server gets its CA from elsewhere at present",
      fixes: [commandFix(setCertificates("webhooks.external", true), storeWebhookCa())],
    },
  ];
}

function compareCa(servers: readonly Server[], ca: string): ValidationIssue[] {
  const planned = new Set(readAll(ca).map(fingerprintCertificate));
  const others = servers.filter(({ caPem }) =>
    readAll(caPem).some((each) => !planned.has(fingerprintCertificate(each))),
  );
  if (planned.size === 0 || others.length === 0) return [];
  return [
    {
      path: [...PATH, "ca"],
      reason: "must contain the CA of every running webhook server",
      got: `a bundle without the CA of ${listServices(others)}`,
      because: "The API server would reject the certificates of these servers",
      fixes: [commandFix(storeWebhookCa())],
    },
  ];
}

function listServices(servers: readonly Server[]): string {
  return servers.map(({ service }) => service).join(", ");
}

/** The manager of the first server: in practice, one controller manages all of them. */
function nameManager([server]: readonly Server[]): string {
  return server?.secret?.manager?.name ?? "cert-manager";
}
