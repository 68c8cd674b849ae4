/** A connection to the cluster, as `kubectl` would open it. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import { KubeConfig } from "@kubernetes/client-node";
import { loadKubeConfig } from "../../stacks/cluster/kubeconfig.ts";
import { VerifyError } from "../verify-error.ts";
import type { HttpAnswer } from "./probe-cluster.ts";

/** A request that is not answered within this time fails. */
const REQUEST_TIMEOUT_MS = 20_000;

/** The context that client-node creates for the account of the pod (client-node, src/config.ts, loadFromCluster). */
const POD_CONTEXT = "inClusterContext";

/** {@link Connection.send} */
export interface SendOptions {
  /** @default "GET" */
  readonly method?: "GET" | "DELETE" | "PATCH";
  /** An object that is sent as a JSON merge patch. */
  readonly patch?: object;
}

/** An open connection. It has the credentials of the kubeconfig. */
export interface Connection {
  readonly kubeConfig: KubeConfig;
  /** The context of the kubeconfig. `undefined` for the account of the pod. */
  readonly context: string | undefined;
  /** URL of the API server. */
  readonly server: string;
  /** Sends a request. Any status resolves. Rejects if the API server does not answer. */
  send(path: string, options?: SendOptions): Promise<HttpAnswer>;
  /** As {@link send}, and decodes JSON. `undefined` for status 404. Rejects for any other status but 200 and 202. */
  read<T>(path: string, options?: SendOptions): Promise<T | undefined>;
}

/**
 * Loads the kubeconfig by the rules of kubectl: the files in `KUBECONFIG`, `~/.kube/config`, or the account of the pod.
 * Throws a {@link VerifyError} if it selects no cluster.
 */
export function openConnection(context: string | undefined): Connection {
  const { kubeConfig, server } = load(context);
  const send = async (path: string, { method = "GET", patch }: SendOptions = {}): Promise<HttpAnswer> => {
    const options: RequestOptions = { method, headers: { accept: "application/json, */*" } };
    await kubeConfig.applyToHTTPSOptions(options);
    if (patch) options.headers = { ...options.headers, "content-type": "application/merge-patch+json" };
    try {
      return await exchange(`${server}${path}`, options, patch && JSON.stringify(patch));
    } catch (error) {
      throw new VerifyError(`${server} does not answer ${method} ${path}: ${describeFailure(error)}`, {
        cause: error,
      });
    }
  };
  return {
    kubeConfig,
    server,
    context: kubeConfig.currentContext === POD_CONTEXT ? undefined : kubeConfig.currentContext,
    send,
    async read<T>(path: string, options?: SendOptions) {
      const { status, body } = await send(path, options);
      if (status === 404) return undefined;
      if (status === 200 || status === 202) return JSON.parse(body) as T;
      throw new VerifyError(
        `${server} answers ${options?.method ?? "GET"} ${path} with status ${status}: ${messageOf(body)}`,
      );
    },
  };
}

function load(context: string | undefined) {
  try {
    return loadKubeConfig({ KubeConfig }, { "kubernetes:context": context });
  } catch (error) {
    throw new VerifyError(
      `context: must select a cluster, got an error: ${(error as Error).message}. Fix: set KUBECONFIG, or use --context with a ` +
        "name from kubectl config get-contexts",
      { cause: error },
    );
  }
}

/** `fetch` is not used here, because it refuses many ports, and accepts neither a CA nor a client certificate. */
async function exchange(url: string, options: RequestOptions, body: string | undefined): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const request = url.startsWith("http:") ? httpRequest : httpsRequest;
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const sent = request(url, { ...options, signal }, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  sent.on("error", reject).end(body);
  return promise;
}

function describeFailure(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join(", ");
  const { name, message, cause } = error as Error;
  const isTimeout = name === "TimeoutError" || (cause as Error | undefined)?.name === "TimeoutError";
  return isTimeout ? `no response within ${REQUEST_TIMEOUT_MS / 1000} s` : message;
}

/** The message of the API server's `Status` object, or else the start of the text. */
export function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body);
    if (typeof message === "string") return message;
  } catch {
    // Not JSON, as from a proxy in front of the API server.
  }
  return body.slice(0, 200);
}
