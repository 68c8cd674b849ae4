/** Which lists of Kubernetes objects are maps, and the fields that identify their entries. */
import { groupOf, type Json, type KubernetesObject } from "./kubernetes-object.ts";

/** How the entries of a list are identified. */
interface ListKeys {
  /** Fields that identify an entry together. */
  readonly fields: readonly string[];
  /** Values of key fields that an entry may leave out. */
  readonly defaults?: Readonly<Record<string, string>>;
}

type Table = Readonly<Record<string, ListKeys>>;

const byName: ListKeys = { fields: ["name"] };
const byProtocol = (port: string): ListKeys => ({
  fields: [port, "protocol"],
  defaults: { protocol: "TCP" },
});

/**
 * The lists of a pod spec. Source of all tables: `x-kubernetes-list-map-keys` in the OpenAPI of Kubernetes 1.36
 * (api/openapi-spec/v3), and `patchMergeKey` in k8s.io/api where an API predates it.
 */
const CONTAINER: Table = {
  env: byName,
  ports: byProtocol("containerPort"),
  volumeDevices: { fields: ["devicePath"] },
  volumeMounts: { fields: ["mountPath"] },
};

const POD_SPEC: Table = {
  hostAliases: { fields: ["ip"] },
  imagePullSecrets: byName,
  topologySpreadConstraints: { fields: ["topologyKey", "whenUnsatisfiable"] },
  volumes: byName,
  ...Object.fromEntries(
    ["containers", "ephemeralContainers", "initContainers"].flatMap((list) => [
      [list, byName],
      ...Object.entries(CONTAINER).map(([field, keys]) => [`${list}.${field}`, keys]),
    ]),
  ),
};

const podSpecAt = (path: string): Table =>
  Object.fromEntries(Object.entries(POD_SPEC).map(([field, keys]) => [`${path}.${field}`, keys]));

const TEMPLATE = "spec.template";
const workload = podSpecAt(`${TEMPLATE}.spec`);
const webhooks: Table = { webhooks: byName, "webhooks.matchConditions": byName };

/** By group and kind; the path leaves out the entries of lists. */
const LISTS: Readonly<Record<string, Table>> = {
  "/Pod": podSpecAt("spec"),
  "apps/Deployment": workload,
  "apps/ReplicaSet": workload,
  "apps/StatefulSet": workload,
  "apps/DaemonSet": workload,
  "batch/Job": workload,
  "batch/CronJob": podSpecAt("spec.jobTemplate.spec.template.spec"),
  "/Service": { "spec.ports": byProtocol("port") },
  "/ServiceAccount": { secrets: byName },
  "admissionregistration.k8s.io/MutatingWebhookConfiguration": webhooks,
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration": webhooks,
  "admissionregistration.k8s.io/MutatingAdmissionPolicy": { "spec.matchConditions": byName },
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": { "spec.matchConditions": byName },
  // The API declares this list as atomic. A CRD has one version of each name, and their order has no effect.
  "apiextensions.k8s.io/CustomResourceDefinition": {
    "spec.versions": byName,
    "spec.versions.additionalPrinterColumns": byName,
  },
  "gateway.networking.k8s.io/Gateway": { "spec.listeners": byName },
  // prometheus-operator, pkg/apis/monitoring/v1: `+listType=map`, `+listMapKey=name`.
  "monitoring.coreos.com/PrometheusRule": { "spec.groups": byName },
};

/** Group and kind of an object, as in the tables of this folder: `apps/Deployment`, `/Service`. */
export function groupKind({ apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

/**
 * Returns the entries of a list by key, e.g. `8080/TCP` for a port. `undefined` if the list at `path` is not a map, or
 * if an entry has no key or the key of another one.
 */
export function keyEntries(
  kind: string,
  path: string,
  list: readonly Json[],
): Map<string, { readonly [field: string]: Json | undefined }> | undefined {
  const keys = LISTS[kind]?.[path];
  if (keys === undefined) return undefined;
  const entries = new Map<string, { readonly [field: string]: Json | undefined }>();
  for (const entry of list) {
    if (!isFields(entry)) return undefined;
    const key = keys.fields.map((field) => entry[field] ?? keys.defaults?.[field]);
    const name = key.join("/");
    if (key.some((part) => typeof part !== "string" && typeof part !== "number")) return undefined;
    if (entries.has(name)) return undefined;
    entries.set(name, entry);
  }
  return entries;
}

/**
 * Whether the order of a keyed list has an effect. In a pod template it has: controllers compare templates with the
 * order of their lists (`EqualIgnoreHash`, k8s.io/kubernetes/pkg/controller/deployment/util), so another order
 * restarts the pods. Elsewhere the API server and its clients treat a keyed list as a map.
 */
export function isOrdered(path: string): boolean {
  return `${path}.`.includes(`${TEMPLATE}.`);
}

/** Whether a value is an object, and neither a list nor `null`. */
export function isFields(value: unknown): value is { readonly [field: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
