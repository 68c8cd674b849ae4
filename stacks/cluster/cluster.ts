/** Reads objects from the cluster of a stack. */
import { connect, FIRST_REQUEST_TIMEOUT_MS, type Get } from "./connection.ts";
import type { StackConfig } from "./kubeconfig.ts";

/** The metadata of an object. */
export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly controller?: boolean;
  }[];
  /** Which client set which field. */
  readonly managedFields?: readonly ManagedFields[];
}

/** An entry of `metadata.managedFields` (`ManagedFieldsEntry` of the API). */
export interface ManagedFields {
  /** Name of the client, e.g. `kubectl-edit`, `helm`, `pulumi-kubernetes-3a5c9f21`. */
  readonly manager?: string;
  /** When the manager last changed a field, RFC 3339. */
  readonly time?: string;
  readonly subresource?: string;
  readonly fieldsV1?: FieldTree;
}

/**
 * The fields of a manager: `f:<field>` for a field, `k:<key fields as JSON>` for an entry of a list with keys, `v:<value>`
 * for an entry of a set, `.` for the object or entry itself. A field without children is owned completely
 * (structured-merge-diff, fieldpath/serialize.go, FieldsV1).
 */
export interface FieldTree {
  readonly [step: string]: FieldTree;
}

/** An object in the cluster. */
export interface ClusterObject {
  readonly metadata: ObjectMetadata;
}

/** Restricts a list. */
export interface ListOptions {
  /** @default all namespaces */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** An open connection to a cluster. Every method throws a {@link ClusterError} if the cluster does not answer. */
export interface Cluster {
  /** Reads an object. `undefined` if it does not exist, or if the cluster does not know its kind. */
  read<T extends ClusterObject>(
    apiVersion: string,
    kind: string,
    name: string,
    namespace?: string,
  ): Promise<T | undefined>;
  /** Lists objects. Empty if the cluster does not know their kind. */
  list<T extends ClusterObject>(apiVersion: string, kind: string, options?: ListOptions): Promise<T[]>;
  /** As {@link read}, without the object's content: for Secrets. */
  readMetadata(
    apiVersion: string,
    kind: string,
    name: string,
    namespace?: string,
  ): Promise<ObjectMetadata | undefined>;
  /** As {@link list}, without the objects' content: for objects that are large. */
  listMetadata(apiVersion: string, kind: string, options?: ListOptions): Promise<ObjectMetadata[]>;
}

/** A kind, as the API server's discovery describes it. */
interface ApiResource {
  readonly kind: string;
  /** Plural, for a subresource with a slash. */
  readonly name: string;
  readonly namespaced: boolean;
}

/**
 * Connects to the cluster of the stack with this configuration. Throws a {@link ClusterError} if the configuration selects
 * no cluster, or no credentials for it.
 *
 * The program reads with a client of its own, because the provider offers no way to read an object without a trace in
 * the state. Its functions decode YAML, run kustomize and render charts for the client only, so `lookup` in a chart finds
 * nothing (provider/pkg/provider/invoke_helm_template.go, `ClientOnly`). The component `helm.sh/v4:Chart` renders with
 * `lookup`, but it is a resource, as is everything that is read with `get`: both appear as steps and in the state, and
 * one that does not exist fails the program.
 */
export async function openCluster(config: StackConfig): Promise<Cluster> {
  const get = await connect(config);
  return createCluster(get, new Map());
}

/** Opens the cluster of a stack. Throws a {@link ClusterError} if it does not answer, and as {@link openCluster} does. */
export type OpenCluster = () => Promise<Cluster>;

/**
 * Opens the cluster at the first call, and returns the same connection at every other one. The first call also waits for an
 * answer, so that all readers share one failure, and wait for it once.
 */
export function openClusterOnce(config: StackConfig): OpenCluster {
  let opened: Promise<Cluster> | undefined;
  const open = async () => {
    const get = await connect(config);
    const core = await fetchResources(get, "v1", FIRST_REQUEST_TIMEOUT_MS);
    return createCluster(get, new Map([["v1", Promise.resolve(core)]]));
  };
  return () => {
    opened ??= open();
    return opened;
  };
}

/** @param discovered the kinds of each group, as far as they are known */
function createCluster(get: Get, discovered: Map<string, Promise<readonly ApiResource[]>>): Cluster {
  const discover = (apiVersion: string) => {
    const known = discovered.get(apiVersion);
    if (known !== undefined) return known;
    const found = fetchResources(get, apiVersion);
    discovered.set(apiVersion, found);
    // After a failure, the next read sends the request again.
    found.catch(() => discovered.delete(apiVersion));
    return found;
  };
  const request = async (
    apiVersion: string,
    kind: string,
    accept: string,
    scope: Scope,
  ): Promise<unknown> => {
    const resource = (await discover(apiVersion)).find(
      (each) => each.kind === kind && !each.name.includes("/"),
    );
    return resource && get(toPath(apiVersion, resource, scope), accept);
  };
  const list = async <T>(apiVersion: string, kind: string, accept: string, options: ListOptions) => {
    const { namespace, ...selectors } = options;
    const answer = await request(apiVersion, kind, accept, { namespace, selectors });
    return (answer as { items: T[] } | undefined)?.items ?? [];
  };
  const read = async <T>(apiVersion: string, kind: string, accept: string, scope: Scope) =>
    (await request(apiVersion, kind, accept, scope)) as T | undefined;
  return {
    read: (apiVersion, kind, name, namespace) => read(apiVersion, kind, JSON_TYPE, { name, namespace }),
    list: (apiVersion, kind, options = {}) => list(apiVersion, kind, JSON_TYPE, options),
    readMetadata: async (apiVersion, kind, name, namespace) =>
      (await read<ClusterObject>(apiVersion, kind, METADATA_TYPE, { name, namespace }))?.metadata,
    listMetadata: async (apiVersion, kind, options = {}) =>
      (await list<ClusterObject>(apiVersion, kind, METADATA_LIST_TYPE, options)).map(
        ({ metadata }) => metadata,
      ),
  };
}

const JSON_TYPE = "application/json";
const METADATA_TYPE = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST_TYPE = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

interface Scope {
  readonly name?: string;
  readonly namespace?: string | undefined;
  readonly selectors?: Omit<ListOptions, "namespace">;
}

async function fetchResources(
  get: Get,
  apiVersion: string,
  timeoutMs?: number,
): Promise<readonly ApiResource[]> {
  const found = await get(groupPath(apiVersion), JSON_TYPE, timeoutMs);
  return (found as { resources: ApiResource[] } | undefined)?.resources ?? [];
}

function groupPath(apiVersion: string): string {
  return `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`;
}

function toPath(
  apiVersion: string,
  resource: ApiResource,
  { name, namespace, selectors = {} }: Scope,
): string {
  const isInNamespace = resource.namespaced && namespace !== undefined;
  const query = new URLSearchParams(
    Object.entries(selectors).filter(([, selector]) => selector !== undefined),
  );
  return [
    groupPath(apiVersion),
    ...(isInNamespace ? [`/namespaces/${encodeURIComponent(namespace)}`] : []),
    `/${resource.name}`,
    ...(name === undefined ? [] : [`/${encodeURIComponent(name)}`]),
    ...(query.size > 0 ? [`?${query}`] : []),
  ].join("");
}
