/** A local API server that has namespaces with pods, which can be deleted. For unit tests of the acceptance test's cleanup. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { V1Namespace, V1ObjectMeta } from "@kubernetes/client-node";
import { formatKubeconfig } from "./api-server.ts";

/** A server that runs until it is closed. */
export interface NamespaceServer {
  readonly kubeconfig: string;
  /** The namespaces that exist, by name. */
  readonly namespaces: Map<string, V1Namespace>;
  /** The names of the pods that exist, by namespace. A pod that is deleted is gone. */
  readonly pods: Map<string, string[]>;
  /** The methods and URLs of the requests that were not `GET`. */
  readonly changes: string[];
  close(): void;
}

/** Starts a server. A deleted namespace is gone, or if it has finalizers, stays. */
export async function startNamespaceServer(): Promise<NamespaceServer> {
  const namespaces = new Map<string, V1Namespace>();
  const pods = new Map<string, string[]>();
  const changes: string[] = [];
  const server = createServer(({ url = "", method }, response) => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    if (method !== "GET") changes.push(`${method} ${url}`);
    const [, , , , name, kind, podName] = pathname.split("/");
    if (name && kind === "pods") {
      const existing = (pods.get(name) ?? []).filter((pod) => method !== "DELETE" || pod !== podName);
      pods.set(name, existing);
      const items = existing.map((pod) => ({ metadata: { name: pod } }));
      response.end(JSON.stringify({ items }));
      return;
    }
    const namespace = name === undefined ? undefined : namespaces.get(name);
    if (namespace && name && method === "DELETE") {
      if (namespace.spec?.finalizers?.length) namespace.metadata = terminating(namespace);
      else namespaces.delete(name);
    }
    const label = searchParams.get("labelSelector") ?? "";
    const items = [...namespaces.values()].filter(({ metadata }) => label in (metadata?.labels ?? {}));
    const body = name === undefined ? { items } : namespace;
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(body ?? { kind: "Status", message: `namespaces "${name}" not found` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    kubeconfig: formatKubeconfig((server.address() as AddressInfo).port),
    namespaces,
    pods,
    changes,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function terminating({ metadata }: V1Namespace): V1ObjectMeta {
  return { ...metadata, deletionTimestamp: "2026-01-01T00:00:00Z" as unknown as Date };
}
