/** Reads from the cluster what has the names of objects that the program would create. */

import { fingerprintCertificate, parseCertificates } from "../../../components/certificates/x509/pem.ts";
import { OWNER_ANNOTATION } from "../../../components/inputs/owner.ts";
import type { ChartName } from "../../../components/linkerd/charts/charts.ts";
import type { Cluster, ObjectMetadata } from "../../cluster/cluster.ts";
import { type HelmRelease, type ReleaseRef, readHelmReleases } from "../../cluster/helm-releases.ts";
import { type ObjectRef, type Plan, releaseKey } from "./planned-objects.ts";

/** A namespace in the cluster. */
export interface FoundNamespace {
  readonly name: string;
  /** The stack that created it, as `<organization>/<project>/<stack>`. */
  readonly stack?: string | undefined;
  readonly isTerminating: boolean;
}

/** A Helm release in the cluster. */
export interface FoundRelease extends ReleaseRef {
  /** Chart and version, e.g. `linkerd-viz-2026.8.3`. */
  readonly chart: string;
  /** Helm's status, e.g. `deployed`. */
  readonly status: string;
  /** SHA-256 of the trust anchors in its values, lower-case hex. */
  readonly trustAnchors: readonly string[];
}

/** Another object of the plan that is in the cluster. */
export interface FoundObject extends ObjectRef {
  /** The stack that created it, as `<organization>/<project>/<stack>`. */
  readonly stack?: string | undefined;
}

/** A cluster-scoped object of a chart. Its name is fixed, so a cluster has one, whatever the release's name. */
export interface FoundChartObject extends ObjectRef {
  readonly chart: ChartName;
  /** The release that Helm recorded in the object's annotations. Only this release can change the object. */
  readonly release?: ReleaseRef | undefined;
}

/** What the cluster has. */
export interface FoundObjects {
  /** The planned namespaces, and those of the releases. */
  readonly namespaces: readonly FoundNamespace[];
  /** Releases with a planned name in any namespace, and those that own the objects of charts. */
  readonly releases: readonly FoundRelease[];
  readonly chartObjects: readonly FoundChartObject[];
  readonly objects: readonly FoundObject[];
}

/** The name of the CNI plugin's release in Linkerd's guide, which is not the name of its chart. */
const GUIDE_CNI_RELEASE = "linkerd-cni";

/** Cluster-scoped objects of each chart, of which `linkerd check` or the API server requires the name. */
const CHART_OBJECTS: Readonly<Record<ChartName, readonly (readonly [string, string, string])[]>> = {
  // Listed by their groups instead, because each version of the chart has others.
  "linkerd-crds": [],
  "linkerd2-cni": [["rbac.authorization.k8s.io/v1", "ClusterRole", "linkerd-cni"]],
  "linkerd-control-plane": [
    [
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      "linkerd-proxy-injector-webhook-config",
    ],
    [
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "linkerd-sp-validator-webhook-config",
    ],
    [
      "admissionregistration.k8s.io/v1",
      "ValidatingWebhookConfiguration",
      "linkerd-policy-validator-webhook-config",
    ],
  ],
  "linkerd-viz": [
    [
      "admissionregistration.k8s.io/v1",
      "MutatingWebhookConfiguration",
      "linkerd-tap-injector-webhook-config",
    ],
    ["apiregistration.k8s.io/v1", "APIService", "v1alpha1.tap.linkerd.io"],
  ],
};

/** CRDs of the chart linkerd-crds. Other groups below `linkerd.io` belong to extensions. */
const LINKERD_CRD = /^[a-z]+\.((policy|workload)\.)?linkerd\.io$/;
const GATEWAY_CRD = /^(httproutes|grpcroutes|tlsroutes|tcproutes)\.gateway\.networking\.k8s\.io$/;

const CRD = "CustomResourceDefinition";

/** Whether an object is a CRD. */
export function isCrd({ kind }: ObjectRef): boolean {
  return kind === CRD;
}

/** Whether a CRD belongs to the Gateway API. */
export function isGatewayCrd({ name }: ObjectRef): boolean {
  return GATEWAY_CRD.test(name);
}

/** Reads what the cluster has of a plan. Reads nothing for objects that are not in the plan. */
export async function readFoundObjects(
  cluster: Cluster,
  plan: Plan,
  installGatewayApi: boolean,
): Promise<FoundObjects> {
  const charts = plan.releases.map(({ name }) => name);
  const [namespaces, releases, chartObjects, objects] = await Promise.all([
    readNamespaces(cluster, namesIn(plan)),
    readReleases(cluster, charts),
    Promise.all([
      ...charts.map((chart) => readChartObjects(cluster, chart)),
      readCrds(cluster, charts, installGatewayApi),
    ]),
    Promise.all(plan.objects.map((object) => readObject(cluster, object))),
  ]);
  const owners = await readOwners(cluster, chartObjects.flat(), releases);
  const allReleases = [...releases, ...owners];
  const known = new Set(namespaces.map(({ name }) => name));
  const others = new Set(allReleases.map(({ namespace }) => namespace).filter((name) => !known.has(name)));
  return {
    namespaces: [...namespaces, ...(await readNamespaces(cluster, [...others]))],
    releases: allReleases,
    chartObjects: chartObjects.flat(),
    objects: objects.filter((object) => object !== undefined),
  };
}

/** The namespaces of a plan, also those that this stack has and that objects of the plan are in. */
function namesIn({ namespaces, releases }: Plan): string[] {
  return [...new Set([...namespaces.map(({ name }) => name), ...releases.map(({ namespace }) => namespace)])];
}

async function readNamespaces(cluster: Cluster, names: readonly string[]): Promise<FoundNamespace[]> {
  const found = await Promise.all(names.map((name) => cluster.readMetadata("v1", "Namespace", name)));
  return found
    .filter((metadata) => metadata !== undefined)
    .map(({ name, annotations, deletionTimestamp }) => ({
      name,
      stack: annotations?.[OWNER_ANNOTATION],
      isTerminating: deletionTimestamp !== undefined,
    }));
}

async function readReleases(cluster: Cluster, charts: readonly ChartName[]): Promise<FoundRelease[]> {
  if (charts.length === 0) return [];
  const names = [...charts, ...(charts.includes("linkerd2-cni") ? [GUIDE_CNI_RELEASE] : [])];
  return (await readHelmReleases(cluster, names)).map(toFoundRelease);
}

function toFoundRelease({ name, namespace, chart, status, values }: HelmRelease): FoundRelease {
  const bundle = values.identityTrustAnchorsPEM;
  return {
    name,
    namespace,
    chart: `${chart.name}-${chart.version}`,
    status,
    trustAnchors: typeof bundle === "string" ? parseCertificates(bundle).map(fingerprintCertificate) : [],
  };
}

async function readChartObjects(cluster: Cluster, chart: ChartName): Promise<FoundChartObject[]> {
  const found = CHART_OBJECTS[chart].map(async ([apiVersion, kind, name]) => {
    const metadata = await cluster.readMetadata(apiVersion, kind, name);
    return metadata && { chart, kind, name, release: releaseOf(metadata) };
  });
  return (await Promise.all(found)).filter((object) => object !== undefined);
}

async function readCrds(
  cluster: Cluster,
  charts: readonly ChartName[],
  installGatewayApi: boolean,
): Promise<FoundChartObject[]> {
  const chart = "linkerd-crds";
  if (!charts.includes(chart)) return [];
  const crds = await cluster.listMetadata("apiextensions.k8s.io/v1", CRD);
  return crds
    .filter(({ name }) => LINKERD_CRD.test(name) || (installGatewayApi && GATEWAY_CRD.test(name)))
    .map((metadata) => ({ chart, kind: CRD, name: metadata.name, release: releaseOf(metadata) }));
}

/** The release that owns an object, by the rule of Helm (helm.sh/helm/v3, pkg/action/validate.go, checkOwnership). */
function releaseOf({ labels, annotations }: ObjectMetadata): ReleaseRef | undefined {
  const name = annotations?.["meta.helm.sh/release-name"];
  const namespace = annotations?.["meta.helm.sh/release-namespace"];
  const isManaged = labels?.["app.kubernetes.io/managed-by"] === "Helm";
  return isManaged && name !== undefined && namespace !== undefined ? { name, namespace } : undefined;
}

/** The releases that own objects of Linkerd's charts, and do not have the name of a chart. */
async function readOwners(
  cluster: Cluster,
  objects: readonly FoundChartObject[],
  known: readonly FoundRelease[],
): Promise<FoundRelease[]> {
  const knownKeys = new Set(known.map(releaseKey));
  const owners = new Map(
    objects
      .filter((object) => !isGatewayCrd(object))
      .flatMap(({ release }) => (release ? [[releaseKey(release), release] as const] : [])),
  );
  const unknown = [...owners].filter(([key]) => !knownKeys.has(key)).map(([, release]) => release);
  const found = unknown.map(({ name, namespace }) => readHelmReleases(cluster, [name], namespace));
  return (await Promise.all(found)).flat().map(toFoundRelease);
}

/** An object, or else the Secret that cert-manager would write for it. */
async function readObject(
  cluster: Cluster,
  object: Plan["objects"][number],
): Promise<FoundObject | undefined> {
  const { apiVersion, kind, name, namespace, secretName } = object;
  const metadata = await cluster.readMetadata(apiVersion, kind, name, namespace);
  if (metadata) return { kind, name, namespace, stack: metadata.annotations?.[OWNER_ANNOTATION] };
  if (secretName === undefined) return undefined;
  const secret = await cluster.readMetadata("v1", "Secret", secretName, namespace);
  return secret && { kind: "Secret", name: secretName, namespace };
}
