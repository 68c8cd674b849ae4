/** A server in the proxy injector's place: on its Service's address, with its certificate from the cluster. */
import { createServer } from "node:https";
import type { V1Pod, V1Service } from "@kubernetes/client-node";
import { read, secretText } from "./cluster.ts";

const SECRET = "linkerd-proxy-injector-k8s-tls";

/**
 * Answers the API server for as long as `work` runs: every pod it is asked about gets the label
 * `seen-by: injector`. Tells the pods as they came. Addresses of Services are this machine's own in a sandbox.
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
        request: asked,
      } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      reviewed.push(asked.object);
      const labels = { ...asked.object.metadata.labels, "seen-by": "injector" };
      const patch = Buffer.from(JSON.stringify([{ op: "add", path: "/metadata/labels", value: labels }]));
      const answer = {
        uid: asked.uid,
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
