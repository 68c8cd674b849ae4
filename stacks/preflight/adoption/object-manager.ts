/** Who manages an object in the cluster. */
import type { ObjectMetadata } from "../../cluster/cluster.ts";
import type { Manager } from "./running-mesh.ts";

/** Annotations and labels by which a controller marks what it manages, with the name of the controller. */
const MARKS: readonly [key: string, controller: string][] = [
  ["cert-manager.io/certificate-name", "cert-manager"],
  ["argocd.argoproj.io/tracking-id", "Argo CD"],
  ["argocd.argoproj.io/instance", "Argo CD"],
  ["kustomize.toolkit.fluxcd.io/name", "Flux"],
  ["reflector.v1.k8s.emberstack.com/reflects", "Reflector"],
];

/**
 * The manager that the metadata of an object names: the Helm release it belongs to, its owner, or a controller that marks
 * its objects. `undefined` for an object that was created by hand.
 */
export function findManager({ annotations, labels, ownerReferences }: ObjectMetadata): Manager | undefined {
  const release = annotations?.["meta.helm.sh/release-name"];
  if (release !== undefined && labels?.["app.kubernetes.io/managed-by"] === "Helm") {
    return { kind: "helm", name: `Helm release ${release}` };
  }
  for (const [key, controller] of MARKS) {
    const object = annotations?.[key] ?? labels?.[key];
    if (object === undefined) continue;
    const detail = controller === "cert-manager" ? `Certificate ${object}` : object;
    return { kind: "other", name: `${controller} (${detail})` };
  }
  const owner = ownerReferences?.find(({ controller }) => controller) ?? ownerReferences?.[0];
  return owner && { kind: "other", name: `${owner.kind} ${owner.name}` };
}
