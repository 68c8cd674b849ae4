/** Kubernetes objects for tests. */
import type { Json, KubernetesObject } from "../../../../delivery/objects/kubernetes-object.ts";

export type Fields = Record<string, Json>;

/** An object in the namespace `linkerd`, unless the name has another one: `namespace/name`, or `/name` for none. */
export function makeObject(
  apiVersion: string,
  kind: string,
  path: string,
  fields: object = {},
): KubernetesObject {
  const [namespace, name = ""] = path.includes("/") ? path.split("/") : ["linkerd", path];
  const metadata = { name, ...(namespace === "" ? {} : { namespace }) };
  const { metadata: more, ...rest } = fields as { metadata?: object };
  return { apiVersion, kind, metadata: { ...metadata, ...more }, ...rest };
}

/** A workload of apps/v1 with one container and the label `app`. */
export function makeWorkload(
  kind: string,
  path: string,
  {
    container = {},
    template = {},
    ...spec
  }: Record<string, unknown> & { container?: object; template?: object } = {},
): KubernetesObject {
  const labels = { app: path.split("/").at(-1) ?? "" };
  return makeObject("apps/v1", kind, path, {
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: "main", image: "main:1", ...container }] },
        ...template,
      },
      ...spec,
    },
  });
}

/** A ConfigMap with `data`. */
export function makeConfigMap(path: string, data: Fields): KubernetesObject {
  return makeObject("v1", "ConfigMap", path, { data });
}

/** A Secret with `data` as text. */
export function makeSecret(
  path: string,
  data: Record<string, string>,
  fields: object = {},
): KubernetesObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")]);
  return makeObject("v1", "Secret", path, { data: Object.fromEntries(encoded), ...fields });
}

/** A CustomResourceDefinition of `servers.policy.linkerd.io` with these versions. */
export function makeCrd(versions: readonly object[], fields: object = {}): KubernetesObject {
  return makeObject("apiextensions.k8s.io/v1", "CustomResourceDefinition", "/servers.policy.linkerd.io", {
    spec: {
      group: "policy.linkerd.io",
      scope: "Namespaced",
      names: { kind: "Server", plural: "servers" },
      versions,
    },
    ...fields,
  });
}
