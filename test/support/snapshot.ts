/** Compares the objects of a cluster before and after an operation. */
import type { KubernetesObject } from "@kubernetes/client-node";
import { list } from "./cluster.ts";

/** Kinds of objects that nothing but an installation of Linkerd changes while tests run. */
const KINDS: readonly [apiVersion: string, kind: string][] = [
  ["v1", "Namespace"],
  ["v1", "Secret"],
  ["v1", "ConfigMap"],
  ["v1", "ServiceAccount"],
  ["v1", "Service"],
  ["batch/v1", "CronJob"],
  ["rbac.authorization.k8s.io/v1", "ClusterRole"],
  ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding"],
  ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ["admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration"],
  ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
  ["admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy"],
  ["admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding"],
];

/** Reads the version of every object, and the generation of every Deployment, whose status changes by itself. */
export async function readVersions(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const [apiVersion, kind] of KINDS) {
    for (const { metadata } of await list<KubernetesObject>(apiVersion, kind)) {
      versions[`${kind}/${metadata?.namespace ?? ""}/${metadata?.name}`] = metadata?.resourceVersion ?? "";
    }
  }
  for (const { metadata } of await list<KubernetesObject>("apps/v1", "Deployment")) {
    versions[`Deployment/${metadata?.namespace}/${metadata?.name}`] =
      `${metadata?.uid} ${metadata?.generation}`;
  }
  return versions;
}
