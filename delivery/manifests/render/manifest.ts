/** Reads and writes Kubernetes objects as YAML. */
import { parseAllDocuments, stringify } from "yaml";
import type { KubernetesObject } from "../../objects/kubernetes-object.ts";
import { withNamespace } from "./namespaces.ts";

/** Reads the objects of a manifest, which may have empty documents. Throws an error if it is not valid YAML. */
export function parseManifest(text: string, namespace: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors ?? [];
    if (error !== undefined) throw error;
    const object = document.toJS() as KubernetesObject | null;
    return object === null ? [] : [withNamespace(object, namespace)];
  });
}

/** Prints objects as YAML documents. */
export function formatManifest(objects: readonly KubernetesObject[]): string {
  return objects
    .map((object) => `---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`)
    .join("");
}
