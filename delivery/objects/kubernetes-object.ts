/** Kubernetes objects as data, and their identity. */

/** A value of JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

/** An object of the Kubernetes API, as a chart renders it or as the API server returns it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** Namespace of the object. Set it for each namespaced object: `helm template` leaves it out of some. */
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** The name of an object in messages, e.g. `Deployment linkerd/linkerd-destination` or `Namespace linkerd`. */
export function formatObject({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${formatName(metadata)}`;
}

/** `namespace/name`; the name alone for an object without namespace. */
export function formatName({ name, namespace }: KubernetesObject["metadata"]): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/**
 * What identifies an object in the cluster: group, kind, namespace and name. The version of the API is a way to read
 * an object, and not a part of its identity.
 */
export function identifyObject(object: KubernetesObject): string {
  return JSON.stringify([
    groupOf(object.apiVersion),
    object.kind,
    object.metadata.namespace ?? "",
    object.metadata.name,
  ]);
}

/** The group of an API version, e.g. `apps` of `apps/v1`. Empty for the core API. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** Whether the object is a Secret of the core API, whose values are never printed. */
export function isSecret({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === "v1" && kind === "Secret";
}
