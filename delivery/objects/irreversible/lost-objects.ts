/** Namespaces and Secrets that the cluster loses. */
import { formatObject, isSecret, type KubernetesObject } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { Irreversible, ObjectChanges } from "../object-changes.ts";

/** Finds deleted Namespaces, then deleted Secrets that are not in one of these Namespaces. */
export function findLostObjects({ removed }: ObjectChanges): Irreversible[] {
  const namespaces = removed.filter((object) => groupKind(object) === "/Namespace");
  const names = new Set(namespaces.map(({ metadata }) => metadata.name));
  const secrets = removed.filter((object) => isSecret(object) && !names.has(object.metadata.namespace ?? ""));
  return [
    ...namespaces.map((namespace) => describeNamespace(namespace)),
    ...secrets.map((secret) => ({
      object: formatObject(secret),
      what: "is deleted",
      why: "Pods that mount it do not start. Save it first if a person or another program uses it.",
    })),
  ];
}

function describeNamespace(namespace: KubernetesObject): Irreversible {
  return {
    object: formatObject(namespace),
    what: "is deleted",
    why:
      "Kubernetes deletes every object in it, also those of other owners. List them first: kubectl get all,secret,configmap " +
      `--namespace ${namespace.metadata.name}.`,
  };
}
