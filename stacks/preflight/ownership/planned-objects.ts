/** The objects that the program creates in the cluster, apart from what Helm renders. */
import { WEBHOOK_SERVICES } from "../../../components/certificates/webhook-servers.ts";
import type { ChartName } from "../../../components/linkerd/charts/charts.ts";
import { CNI_NAMESPACE } from "../../../components/linkerd/namespaces.ts";
import { INJECTION_POLICY_NAME } from "../../../components/meshing/injection-by-label.ts";
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { planMonitoring } from "./planned-monitoring.ts";
import { planTapPermissions } from "./planned-tap-permissions.ts";

/** The settings that decide which objects exist, and whether existing ones are used. */
export type OwnershipSettings = Pick<
  Settings,
  | "namespace"
  | "vizNamespace"
  | "viz"
  | "cni"
  | "injection"
  | "installGatewayApi"
  | "certificates"
  | "adopt"
  | "useExistingNamespaces"
  | "monitoring"
  | "tap"
>;

/** Identifies an object. Kinds are unique among the objects of the program. */
export interface ObjectRef {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** The settings that name a namespace, or have it created. */
export type NamespaceSetting = "namespace" | "vizNamespace" | "cni";

/** A namespace. */
export interface PlannedNamespace {
  readonly name: string;
  readonly setting: NamespaceSetting;
}

/** A Helm release, which has the name of its chart. */
export interface PlannedRelease extends ReleaseRef {
  readonly name: ChartName;
  readonly setting: NamespaceSetting;
}

/** Any other object. */
export interface PlannedObject extends ObjectRef {
  readonly apiVersion: string;
  readonly setting: "injection" | "certificates" | "viz" | "monitoring" | "tap";
  /** The Secret that cert-manager writes for a Certificate, in its namespace. */
  readonly secretName?: string;
}

/** What the program creates with these settings, except for objects of monitoring and of access to viz inside the mesh's namespaces. */
export interface Plan {
  readonly namespaces: readonly PlannedNamespace[];
  readonly releases: readonly PlannedRelease[];
  readonly objects: readonly PlannedObject[];
}

/** A text that identifies an object. */
export function toKey({ kind, name, namespace }: ObjectRef): string {
  return [kind, namespace ?? "", name].join("/");
}

/** The key of a namespace. */
export function namespaceKey(name: string): string {
  return toKey({ kind: "Namespace", name });
}

/** The key of a Helm release. */
export function releaseKey({ name, namespace }: ReleaseRef): string {
  return toKey({ kind: "Release", name, namespace });
}

/** Lists what the program creates with these settings. */
export function planObjects(settings: OwnershipSettings): Plan {
  const { namespace, vizNamespace, viz, cni } = settings;
  const controlPlane = { namespace, setting: "namespace" } as const;
  const namespaces: PlannedNamespace[] = [{ name: namespace, setting: "namespace" }];
  const releases: PlannedRelease[] = [
    { name: "linkerd-crds", ...controlPlane },
    { name: "linkerd-control-plane", ...controlPlane },
  ];
  if (viz) {
    namespaces.push({ name: vizNamespace, setting: "vizNamespace" });
    releases.push({ name: "linkerd-viz", namespace: vizNamespace, setting: "vizNamespace" });
  }
  if (cni) {
    namespaces.push({ name: CNI_NAMESPACE, setting: "cni" });
    releases.push({ name: "linkerd2-cni", namespace: CNI_NAMESPACE, setting: "cni" });
  }
  const objects = [
    ...planInjection(settings),
    ...planCertificates(settings),
    ...planMonitoring(settings),
    ...planTapPermissions(settings),
  ];
  return { namespaces, releases, objects };
}

/** The plan without the objects whose keys are given. `undefined` if nothing is left. */
export function planWithout(plan: Plan, owned: ReadonlySet<string>): Plan | undefined {
  const rest: Plan = {
    namespaces: plan.namespaces.filter(({ name }) => !owned.has(namespaceKey(name))),
    releases: plan.releases.filter((release) => !owned.has(releaseKey(release))),
    objects: plan.objects.filter((object) => !owned.has(toKey(object))),
  };
  return Object.values(rest).flat().length > 0 ? rest : undefined;
}

function planInjection({ injection }: OwnershipSettings): PlannedObject[] {
  if (injection !== "policy") return [];
  return ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"].map((kind) => ({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind,
    name: INJECTION_POLICY_NAME,
    setting: "injection",
  }));
}

const CERT_MANAGER = "cert-manager.io/v1";

function planCertificates(settings: OwnershipSettings): PlannedObject[] {
  const { certificates } = settings;
  const pairs = listCertificates(settings);
  if (certificates.mode !== "certManager" || certificates.create === false) {
    return pairs.filter(isCreatedBy(certificates)).map(({ secretName, namespace }) => ({
      apiVersion: "v1",
      kind: "Secret",
      name: secretName,
      namespace,
      setting: "certificates",
    }));
  }
  const authorities = CERT_MANAGER_CAS.map((name) => ({
    name,
    secretName: name,
    namespace: certificates.namespace ?? "cert-manager",
  }));
  return [
    ...[...authorities, ...pairs].map(
      (certificate): PlannedObject => ({
        apiVersion: CERT_MANAGER,
        kind: "Certificate",
        setting: "certificates",
        ...certificate,
      }),
    ),
    ...["linkerd-self-signed", ...CERT_MANAGER_CAS].map(
      (name): PlannedObject => ({
        apiVersion: CERT_MANAGER,
        kind: "ClusterIssuer",
        name,
        setting: "certificates",
      }),
    ),
    {
      apiVersion: "trust.cert-manager.io/v1alpha1",
      kind: "Bundle",
      name: "linkerd-identity-trust-roots",
      setting: "certificates",
    },
  ];
}

/** Whether Pulumi creates the Secret of a certificate, or someone else does. */
function isCreatedBy(certificates: OwnershipSettings["certificates"]) {
  if (certificates.mode === "generated") return () => true;
  const isProvided = certificates.mode === "provided";
  const createsIssuer = isProvided && !certificates.issuer.external;
  const createsWebhooks = isProvided
    ? !certificates.webhooks?.external
    : certificates.webhooks?.external === false;
  return ({ name }: { readonly name: string }) => (name === ISSUER ? createsIssuer : createsWebhooks);
}

const ISSUER = "linkerd-identity-issuer";

/** The CAs that cert-manager creates: Certificates, their Secrets and ClusterIssuers have these names. */
const CERT_MANAGER_CAS = ["linkerd-trust-anchor", "linkerd-webhooks"];

/** The certificates in the mesh's namespaces, by the names of cert-manager's Certificates and of their Secrets. */
function listCertificates({ namespace, vizNamespace, viz }: OwnershipSettings) {
  const servers = Object.values(WEBHOOK_SERVICES).filter(({ extension }) => viz || extension !== "viz");
  return [
    { name: ISSUER, secretName: ISSUER, namespace },
    ...servers.map(({ service, extension }) => ({
      name: service,
      secretName: `${service}-k8s-tls`,
      namespace: extension === "viz" ? vizNamespace : namespace,
    })),
  ];
}
