/** Reads objects from the cluster of a stack. */
import type { RequestContext } from "@kubernetes/client-node";
import { loadKubeConfig, type StackConfig } from "./kubeconfig.ts";

/** A request that is not answered within this time fails. A connection that is not accepted fails after 10 s. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Credentials may come from a command that first signs in to a cloud. */
const CREDENTIALS_TIMEOUT_MS = 30_000;

/** The cluster does not answer or denies access, or the configuration selects no cluster. */
export class ClusterError extends Error {}

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
  // Imported on use, because the import would slow down every preview.
  const library = await import("@kubernetes/client-node");
  const { HttpMethod, IsomorphicFetchHttpLibrary, RequestContext } = library;
  const { server, credentials } = await loadCredentials(library, config);
  const http = new IsomorphicFetchHttpLibrary();

  const send = async (path: string, accept: string): Promise<{ status: number; text: string }> => {
    const request: RequestContext = new RequestContext(`${server}${path}`, HttpMethod.GET);
    for (const [header, value] of Object.entries(credentials.getHeaders()))
      request.setHeaderParam(header, value);
    request.setHeaderParam("Accept", accept);
    request.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT_MS));
    const dispatcher = credentials.getDispatcher();
    if (dispatcher) request.setDispatcher(dispatcher);
    const { httpStatusCode, body } = await http.send(request).toPromise();
    return { status: httpStatusCode, text: await body.text() };
  };
  return createCluster(async (path, accept) => {
    let answer: Awaited<ReturnType<typeof send>>;
    try {
      answer = await send(path, accept);
    } catch (error) {
      throw new ClusterError(`${server} does not answer: ${describeFailure(error)}`, { cause: error });
    }
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) {
      throw new ClusterError(
        `${server} answers GET ${path} with status ${answer.status}${describeStatus(answer.text)}`,
      );
    }
    return JSON.parse(answer.text);
  });
}

/** The server of the configuration, and a request with the credentials for it. */
async function loadCredentials(
  library: typeof import("@kubernetes/client-node"),
  config: StackConfig,
): Promise<{ server: string; credentials: RequestContext }> {
  const { HttpMethod, RequestContext } = library;
  try {
    const { kubeConfig, server } = loadKubeConfig(library, config);
    const credentials = new RequestContext(`${server}/`, HttpMethod.GET);
    const applied = kubeConfig.applySecurityAuthentication(credentials);
    await withTimeout(applied, CREDENTIALS_TIMEOUT_MS, "the kubeconfig has no credentials");
    return { server, credentials };
  } catch (error) {
    throw new ClusterError((error as Error).message, { cause: error });
  }
}

/** Sends a GET request. Returns the decoded answer, `undefined` for status 404. */
type Get = (path: string, accept: string) => Promise<unknown>;

function createCluster(get: Get): Cluster {
  const discovered = new Map<string, Promise<readonly ApiResource[]>>();
  const discover = (apiVersion: string) => {
    const found = discovered.get(apiVersion) ?? fetchResources(get, apiVersion);
    discovered.set(apiVersion, found);
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

async function fetchResources(get: Get, apiVersion: string): Promise<readonly ApiResource[]> {
  const found = (await get(groupPath(apiVersion), JSON_TYPE)) as { resources: ApiResource[] } | undefined;
  return found?.resources ?? [];
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

async function withTimeout(promise: Promise<unknown>, timeoutMs: number, failure: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${failure} after ${timeoutMs / 1000} s`)), timeoutMs);
  });
  await Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/** The reason why a request failed. `fetch` wraps the system's error, which wraps one for each address of a name. */
function describeFailure(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === "TimeoutError") return `no response within ${REQUEST_TIMEOUT_MS / 1000} s`;
  if (cause instanceof AggregateError) return cause.errors.map((each: Error) => each.message).join(", ");
  return cause instanceof Error ? cause.message : message;
}

/** The message of the API server's `Status` object. */
function describeStatus(text: string): string {
  try {
    const { message } = JSON.parse(text);
    return typeof message === "string" ? `: ${message}` : "";
  } catch {
    return "";
  }
}
