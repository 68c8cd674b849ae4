/** A server that replaces the proxy injector: it has its Service's address and its certificate from the cluster. */
import { createServer } from "node:https";
import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { read, secretText } from "./cluster.ts";

const SECRET = "linkerd-proxy-injector-k8s-tls";

/**
 * Answers the API server's admission reviews while `work` runs: every reviewed pod gets the label
 * `seen-by: injector`. Returns the pods as the API server sent them.
 *
 * In a sandbox, the addresses of Services are loopback addresses, so this process can listen on them.
 */
export async function withInjector(work: () => Promise<unknown>): Promise<V1Pod[]> {
  const { spec } = await read<V1Service>("v1", "Service", "linkerd-proxy-injector", "linkerd");
  const reviewed: V1Pod[] = [];
  const server = createServer(
    {
      cert: await secretText(SECRET, "linkerd", "tls.crt"),
      key: await secretText(SECRET, "linkerd", "tls.key"),
    },
    async (request, response) => {
      const {
        apiVersion,
        kind,
        request: review,
      } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      reviewed.push(review.object);
      const labels = { ...review.object.metadata.labels, "seen-by": "injector" };
      const patch = Buffer.from(JSON.stringify([{ op: "add", path: "/metadata/labels", value: labels }]));
      const answer = {
        uid: review.uid,
        allowed: true,
        patchType: "JSONPatch",
        patch: patch.toString("base64"),
      };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ apiVersion, kind, response: answer }));
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject).listen(443, spec?.clusterIP, resolve);
  });
  try {
    await work();
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return reviewed;
}
