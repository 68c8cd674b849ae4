/** HTTP requests to ports of pods, also to those that listen on loopback only. */
import { request } from "node:http";
import { Duplex, PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { PortForward } from "@kubernetes/client-node";
import type { Connection } from "./connection.ts";
import type { HttpAnswer } from "./probe-cluster.ts";

/** A request that is not answered within this time fails. */
const REQUEST_TIMEOUT_MS = 20_000;

/** Sends GET through a port-forward of its own. Rejects if the pod does not answer. */
export async function getThroughPortForward(
  { kubeConfig }: Connection,
  target: { readonly namespace: string; readonly pod: string; readonly port: number },
  path: string,
): Promise<HttpAnswer> {
  const { namespace, pod, port } = target;
  const name = `port ${port} of pod ${namespace}/${pod}`;
  const [received, sent, failure] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const socket = await new PortForward(kubeConfig)
    .portForward(namespace, pod, [port], received, failure, sent)
    .catch((error: { message?: string }) => {
      throw new Error(`${name}: ${error.message ?? "the connection failed"}`, { cause: error });
    });
  if (typeof socket === "function") throw new Error(`${name}: the connection was not opened`);
  socket.on("close", () => received.end());
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  failure.on("data", (message) => {
    if (message.length > 0) reject(new Error(`${name}: ${String(message).trim()}`));
  });
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  request(
    {
      path,
      host: "localhost",
      port,
      signal,
      headers: { connection: "close" },
      createConnection: () => Duplex.from({ readable: received, writable: sent }),
    },
    (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    },
  )
    .on("error", (error) => {
      const reason = signal.aborted ? `no response within ${REQUEST_TIMEOUT_MS / 1000} s` : error.message;
      reject(new Error(`${name}: ${reason}`, { cause: error }));
    })
    .end();
  try {
    return await promise;
  } finally {
    socket.terminate();
  }
}
