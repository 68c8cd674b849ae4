/** Reads a mesh that Helm installed from the cluster. */
import { WEBHOOK_SERVICES, type WebhookServer } from "../../../components/certificates/webhook-servers.ts";
import { CNI_NAMESPACE } from "../../../components/linkerd/namespaces.ts";
import type { Cluster, ClusterObject } from "../../cluster/cluster.ts";
import { type HelmRelease, readHelmReleases } from "../../cluster/helm-releases.ts";
import { installedCharts } from "../../settings/chart-settings.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { installedPrometheus } from "../monitoring/viz-prometheus.ts";
import { findManager } from "./object-manager.ts";
import { parseRunningConfig } from "./running-config.ts";
import type { RunningBundle, RunningIssuer, RunningMesh, RunningWebhook } from "./running-mesh.ts";

/** The settings that name the objects of a mesh. */
export type MeshNameSettings = Pick<Settings, "namespace" | "vizNamespace" | "viz" | "cni">;

interface WithData extends ClusterObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Reads the mesh in the namespaces of the settings. Returns `undefined` if Helm has no control plane there. */
export async function readRunningMesh(
  cluster: Cluster,
  settings: MeshNameSettings,
): Promise<RunningMesh | undefined> {
  const releases = await readReleases(cluster, settings);
  if (!releases.some(({ name }) => name === "linkerd-control-plane")) return undefined;
  const { namespace } = settings;
  const [config, bundle, issuer, webhooks] = await Promise.all([
    cluster.read<WithData>("v1", "ConfigMap", "linkerd-config", namespace),
    readBundle(cluster, namespace),
    readIssuer(cluster, namespace),
    readWebhooks(cluster, settings),
  ]);
  const values = config?.data?.values;
  const viz = releases.find(({ name }) => name === "linkerd-viz");
  return {
    versions: Object.fromEntries(releases.map(({ name, chart }) => [name, chart.version])),
    config: values === undefined ? undefined : await parseRunningConfig(values),
    bundle,
    issuer,
    webhooks,
    prometheus: viz && installedPrometheus(viz.values),
  };
}

async function readReleases(cluster: Cluster, settings: MeshNameSettings): Promise<HelmRelease[]> {
  const namespaceOf = (name: string) =>
    name === "linkerd-viz"
      ? settings.vizNamespace
      : name === "linkerd2-cni"
        ? CNI_NAMESPACE
        : settings.namespace;
  const found = await readHelmReleases(cluster, installedCharts(settings));
  return found.filter(({ name, namespace }) => namespace === namespaceOf(name));
}

async function readBundle(cluster: Cluster, namespace: string): Promise<RunningBundle | undefined> {
  const found = await cluster.read<WithData>("v1", "ConfigMap", "linkerd-identity-trust-roots", namespace);
  const pem = found?.data?.["ca-bundle.crt"];
  return found && pem !== undefined ? { pem, manager: findManager(found.metadata) } : undefined;
}

/** Reads the issuer's certificate. The API server returns a Secret with its key, which is dropped here. */
export async function readIssuer(cluster: Cluster, namespace: string): Promise<RunningIssuer | undefined> {
  const found = await cluster.read<WithData>("v1", "Secret", "linkerd-identity-issuer", namespace);
  if (found === undefined) return undefined;
  const { metadata, data = {} } = found;
  const certificate = data["tls.crt"] ?? data["crt.pem"];
  return {
    entries: Object.keys(data).sort(),
    certPem: certificate === undefined ? undefined : decodeBase64(certificate),
    manager: findManager(metadata),
  };
}

async function readWebhooks(cluster: Cluster, settings: MeshNameSettings): Promise<RunningMesh["webhooks"]> {
  const servers = Object.entries(WEBHOOK_SERVICES).filter(
    ([, { extension }]) => extension !== "viz" || settings.viz,
  );
  const found = servers.map(async ([server, { service, extension }]) => {
    const namespace = extension === "viz" ? settings.vizNamespace : settings.namespace;
    return [server, await readWebhook(cluster, server as WebhookServer, `${service}-k8s-tls`, namespace)];
  });
  return Object.fromEntries(await Promise.all(found));
}

/** The objects that hold the CA of each server: their kinds and names in Linkerd's charts. */
const CA_HOLDERS: Readonly<Record<WebhookServer, readonly [apiVersion: string, kind: string, name: string]>> =
  {
    proxyInjector: [
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      "linkerd-proxy-injector-webhook-config",
    ],
    profileValidator: [
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "linkerd-sp-validator-webhook-config",
    ],
    policyValidator: [
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "linkerd-policy-validator-webhook-config",
    ],
    tap: ["apiregistration.k8s.io/v1", "APIService", "v1alpha1.tap.linkerd.io"],
    tapInjector: [
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      "linkerd-tap-injector-webhook-config",
    ],
  };

interface CaHolder extends ClusterObject {
  readonly webhooks?: readonly { readonly clientConfig?: { readonly caBundle?: string } }[];
  readonly spec?: { readonly caBundle?: string };
}

async function readWebhook(
  cluster: Cluster,
  server: WebhookServer,
  secretName: string,
  namespace: string,
): Promise<RunningWebhook> {
  const [secret, holder] = await Promise.all([
    cluster.readMetadata("v1", "Secret", secretName, namespace),
    cluster.read<CaHolder>(...CA_HOLDERS[server]),
  ]);
  const annotations = holder?.metadata.annotations ?? {};
  const injectCaFrom = annotations["cert-manager.io/inject-ca-from"];
  return {
    secret: secret && { manager: findManager(secret) },
    caPem: decodeBase64(holder?.webhooks?.[0]?.clientConfig?.caBundle ?? holder?.spec?.caBundle ?? ""),
    injectCaFrom,
    isCaInjected:
      injectCaFrom !== undefined || annotations["cert-manager.io/inject-ca-from-secret"] !== undefined,
  };
}

function decodeBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}
