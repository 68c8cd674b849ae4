/** A local HTTP server that answers reads as a Kubernetes API server does, for unit tests. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** An object, as the API server returns it. */
export interface TestObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { kind: string; name: string; controller?: boolean }[];
  };
  data?: Record<string, string>;
  webhooks?: object[];
  spec?: object;
}

/** A server that runs until it is closed. */
export interface ApiServer {
  /** A kubeconfig for the server. */
  readonly kubeconfig: string;
  readonly port: number;
  /** The requests so far: path with query, and the headers that matter. */
  readonly requests: { path: string; accept: string; authorization: string | undefined }[];
  close(): Promise<void>;
}

/** The kinds that the server knows, by the path of their group: the plural, and whether objects have a namespace. */
const KINDS: Record<string, Record<string, [plural: string, namespaced: boolean]>> = {
  "/api/v1": {
    Namespace: ["namespaces", false],
    Secret: ["secrets", true],
    ConfigMap: ["configmaps", true],
    Pod: ["pods", true],
  },
  "/apis/apiextensions.k8s.io/v1": { CustomResourceDefinition: ["customresourcedefinitions", false] },
  "/apis/apiregistration.k8s.io/v1": { APIService: ["apiservices", false] },
  "/apis/rbac.authorization.k8s.io/v1": { ClusterRole: ["clusterroles", false] },
  "/apis/admissionregistration.k8s.io/v1": {
    MutatingWebhookConfiguration: ["mutatingwebhookconfigurations", false],
    ValidatingWebhookConfiguration: ["validatingwebhookconfigurations", false],
    MutatingAdmissionPolicy: ["mutatingadmissionpolicies", false],
    MutatingAdmissionPolicyBinding: ["mutatingadmissionpolicybindings", false],
  },
};

/** Starts a server with these objects, on any port by default. It denies access to the paths in `denied`. */
export async function startApiServer(
  objects: readonly TestObject[] = [],
  denied: readonly string[] = [],
  listenOn = 0,
): Promise<ApiServer> {
  const requests: ApiServer["requests"] = [];
  const server = createServer((request, response) => {
    const { url = "", headers } = request;
    requests.push({ path: url, accept: headers.accept ?? "", authorization: headers.authorization });
    const { pathname } = new URL(url, "http://localhost");
    const body = denied.includes(pathname)
      ? { kind: "Status", code: 403, message: `access to ${pathname} is denied` }
      : answer(request, objects);
    response.writeHead(body === undefined ? 404 : ((body as { code?: number }).code ?? 200), {
      "content-type": "application/json",
    });
    response.end(JSON.stringify(body ?? { kind: "Status", code: 404, message: "not found" }));
  });
  await new Promise<void>((resolve) => server.listen(listenOn, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    kubeconfig: formatKubeconfig(port),
    port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Formats a kubeconfig for a server on this port. JSON is valid YAML. */
export function formatKubeconfig(port: number, name = "test"): string {
  return JSON.stringify({
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: `http://127.0.0.1:${port}/` } }],
    users: [{ name, user: { token: `token-${name}` } }],
  });
}

function answer({ url = "", headers }: IncomingMessage, objects: readonly TestObject[]): unknown {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const group = Object.keys(KINDS).find((path) => pathname === path || pathname.startsWith(`${path}/`));
  if (group === undefined) return undefined;
  const kinds = Object.entries(KINDS[group] ?? {});
  if (pathname === group) {
    return {
      kind: "APIResourceList",
      resources: kinds.flatMap(([kind, [name, namespaced]]) => [
        { kind, name: `${name}/status`, namespaced },
        { kind, name, namespaced },
      ]),
    };
  }
  const [, namespace, plural, name] =
    /^(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/.exec(pathname.slice(group.length)) ?? [];
  const kind = kinds.find(([, [each]]) => each === plural)?.[0];
  const apiVersion = group.replace(/^\/apis?\//, "");
  const found = objects.filter(
    (object) =>
      object.apiVersion === apiVersion &&
      object.kind === kind &&
      (namespace === undefined || object.metadata.namespace === namespace) &&
      (name === undefined || object.metadata.name === name) &&
      hasLabels(object, searchParams.get("labelSelector") ?? ""),
  );
  const isMetadata = headers.accept?.includes("as=PartialObjectMetadata");
  const shown = isMetadata
    ? found.map(({ metadata }) => ({ kind: "PartialObjectMetadata", metadata }))
    : found;
  return name === undefined ? { items: shown } : shown[0];
}

/** Whether an object's labels match a selector of `key=value` and `key in (a,b)`. */
function hasLabels({ metadata: { labels = {} } }: TestObject, selector: string): boolean {
  return [...selector.matchAll(/([^,= ]+)(?:=([^,]*)| in \(([^)]*)\))/g)].every(
    ([, key = "", value, values]) => (values?.split(",") ?? [value]).includes(labels[key]),
  );
}

/** A record of a Helm release, as Helm's drivers store it. */
export function helmRecord(
  release: {
    name: string;
    namespace: string;
    revision?: number;
    status?: string;
    chart?: string;
    version?: string;
  },
  values: Record<string, unknown> = {},
  kind: "Secret" | "ConfigMap" = "Secret",
): TestObject {
  const { name, namespace, revision = 1, status = "deployed", chart = name, version = "2026.8.3" } = release;
  const record = {
    name,
    namespace,
    version: revision,
    info: { status },
    chart: { metadata: { name: chart, version } },
    config: values,
    manifest: `# Source: ${chart}\n`,
  };
  const encoded = gzipSync(JSON.stringify(record)).toString("base64");
  return {
    apiVersion: "v1",
    kind,
    metadata: {
      name: `sh.helm.release.v1.${name}.v${revision}`,
      namespace,
      labels: { owner: "helm", name, status, version: String(revision) },
    },
    data: { release: kind === "Secret" ? Buffer.from(encoded).toString("base64") : encoded },
  };
}
