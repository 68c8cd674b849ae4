/** Who set which field of an object, as the API server records it in `metadata.managedFields`. */
import type { FieldTree, ManagedFields } from "../../../stacks/cluster/cluster.ts";
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";
import type { PathStep } from "../../objects/object-changes.ts";

/**
 * Managers whose changes are not drift. Pulumi's provider calls itself `pulumi-resource-kubernetes` when Helm in it creates
 * objects, and `pulumi-kubernetes-<hash>` when it applies them. Helm's changes are those of its record. The others are
 * Kubernetes' own controllers, and cert-manager's, which adds the CA to webhooks that request it.
 */
const EXPECTED =
  /^(pulumi-(resource-)?kubernetes(-.*)?|helm|kube-.*|kubelet|([a-z]+-)?cloud-controller-manager|cert-manager-cainjector|cainjector)$/;

/** Returns the entries of managers whose changes are drift, without those of `status`. */
export function findForeign(managedFields: readonly ManagedFields[] = []): ManagedFields[] {
  return managedFields.filter(
    ({ manager = "", subresource }) => subresource !== "status" && !EXPECTED.test(manager),
  );
}

/**
 * The fields of an object whose owners cause drift. After `kubectl scale --replicas=0`, nobody owns the replicas: the
 * API server takes the zero in the request for a missing field (k8s.io/api, autoscaling/v1, `ScaleSpec`, `omitempty`).
 */
export function findForeignFields(
  object: KubernetesObject,
  managedFields: readonly ManagedFields[],
): FieldTree[] {
  const { replicas } = (object.spec ?? {}) as { replicas?: unknown };
  const isScaled =
    replicas === 0 && managedFields.length > 0 && !isManaged(managedFields, ["spec", "replicas"]);
  return [...treesOf(findForeign(managedFields)), ...(isScaled ? [{ "f:spec": { "f:replicas": {} } }] : [])];
}

function isManaged(managedFields: readonly ManagedFields[], path: readonly string[]): boolean {
  return treesOf(managedFields).some((tree) => reaches(tree, path));
}

/** The fields of the managers. */
export function treesOf(managedFields: readonly ManagedFields[]): FieldTree[] {
  return managedFields.flatMap(({ fieldsV1 }) => (fieldsV1 === undefined ? [] : [fieldsV1]));
}

/** The subtrees of a field. Empty if nobody owns anything there. Below a field that is owned completely, all is owned. */
export function descendToField(trees: readonly FieldTree[], field: string): FieldTree[] {
  return descend(trees, (step) => step === `f:${field}`);
}

/** The subtrees of an entry of a list with keys: those whose key fields have the values of the entry. */
export function descendToEntry(
  trees: readonly FieldTree[],
  entry: Readonly<Record<string, unknown>>,
): FieldTree[] {
  return descend(trees, (step) => step.startsWith("k:") && hasKeys(entry, JSON.parse(step.slice(2))));
}

function descend(trees: readonly FieldTree[], isStep: (step: string) => boolean): FieldTree[] {
  return trees.flatMap((tree) => {
    const steps = Object.entries(tree);
    if (steps.length === 0) return [tree];
    return steps.filter(([step]) => isStep(step)).map(([, below]) => below);
  });
}

/** Whether one of the trees owns the value completely. */
export function isOwned(trees: readonly FieldTree[]): boolean {
  return trees.some((tree) => Object.keys(tree).length === 0);
}

/** Describes who set a field, with the time, without Pulumi's provider and Kubernetes' controllers. */
export function findManagers(
  managedFields: readonly ManagedFields[] = [],
  path: readonly PathStep[],
): string[] {
  return managedFields
    .filter(({ manager = "" }) => manager === "helm" || !EXPECTED.test(manager))
    .filter(({ fieldsV1 }) => fieldsV1 !== undefined && reaches(fieldsV1, path))
    .map(formatManager);
}

/** Names a manager, with the time of its last change. */
function formatManager({ manager = "unknown", time }: ManagedFields): string {
  return time === undefined ? manager : `${manager} at ${time}`;
}

/** Whether the tree owns the value at a path, or a part of it. */
function reaches(tree: FieldTree, [step, ...rest]: readonly PathStep[]): boolean {
  const entries = Object.entries(tree);
  // The order of a list belongs to whoever owns its entries.
  if (step === undefined || entries.length === 0 || (typeof step === "object" && "order" in step))
    return true;
  return entries.some(([key, below]) => isStepTo(key, step) && reaches(below, rest));
}

/** `compare-values.ts` joins the key fields of an entry with slashes. */
function isStepTo(key: string, step: string | { readonly entry: string }): boolean {
  if (typeof step === "string") return key === `f:${step}`;
  if (!key.startsWith("k:")) return false;
  const values = Object.values(JSON.parse(key.slice(2))).map(String);
  return step.entry.split("/").every((part) => values.includes(part)) || values.join("/") === step.entry;
}

function hasKeys(entry: Readonly<Record<string, unknown>>, keys: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(keys).every(([name, value]) => entry[name] === value);
}
