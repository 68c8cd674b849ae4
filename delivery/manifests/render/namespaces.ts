/** Sets the namespace of rendered objects, as Helm does when it creates them. */
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";

/**
 * Kinds without a namespace: those of Kubernetes that charts or the program create (API reference of Kubernetes 1.36).
 * All custom resources of Linkerd, of the Gateway API and of the operators have one (`scope` of their CRDs), except
 * cert-manager's ClusterIssuer.
 */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set([
  "APIService",
  "ClusterIssuer",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "GatewayClass",
  "MutatingAdmissionPolicy",
  "MutatingAdmissionPolicyBinding",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

/** Returns the object with the namespace in which it is created: its own, else that of the release. */
export function withNamespace(object: KubernetesObject, release: string): KubernetesObject {
  const { namespace: own, ...metadata } = object.metadata;
  if (CLUSTER_SCOPED.has(object.kind)) return { ...object, metadata };
  return { ...object, metadata: { ...metadata, namespace: own ?? release } };
}
