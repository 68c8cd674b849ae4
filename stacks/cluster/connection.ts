/** Requests to the API server of a stack's cluster. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { text } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";
import { loadKubeConfig, type StackConfig } from "./kubeconfig.ts";

/** A request that is not answered within this time fails. */
const REQUEST_TIMEOUT_MS = 20_000;

/** The same for the first request, so that a server that drops packets is found soon. */
export const FIRST_REQUEST_TIMEOUT_MS = 10_000;

/** Credentials may come from a command that first signs in to a cloud. */
const CREDENTIALS_TIMEOUT_MS = 30_000;

/** The cluster does not answer or denies access, or the configuration selects no cluster. */
export class ClusterError extends Error {}

/** The credentials of the kubeconfig are not available in time. Pulumi's provider waits for them without a limit. */
export class CredentialsTimeout extends ClusterError {}

/**
 * Sends a GET request. Returns the decoded answer, `undefined` for status 404. Throws a {@link ClusterError}, also if there
 * is no answer within `timeoutMs`.
 */
export type Get = (path: string, accept: string, timeoutMs?: number) => Promise<unknown>;

/** Connects to the API server with the credentials of the kubeconfig. Throws a {@link ClusterError} without them. */
export async function connect(config: StackConfig): Promise<Get> {
  const { server, options } = await loadOptions(config);
  return async (path, accept, timeoutMs = REQUEST_TIMEOUT_MS) => {
    let answer: { status: number; body: string };
    const headers = { ...options.headers, accept };
    try {
      answer = await send(`${server}${path}`, {
        ...options,
        headers,
        signal: AbortSignal.timeout(timeoutMs),
      });
    } catch (error) {
      throw new ClusterError(`${server} does not answer: ${describeFailure(error, timeoutMs)}`, {
        cause: error,
      });
    }
    const { status, body } = answer;
    if (status === 404) return undefined;
    if (status !== 200) {
      throw new ClusterError(`${server} answers GET ${path} with status ${status}${describeStatus(body)}`);
    }
    return JSON.parse(body);
  };
}

/** The server of the configuration, and options of a request with the credentials for it. */
async function loadOptions(config: StackConfig): Promise<{ server: string; options: RequestOptions }> {
  try {
    // Imported on use, because the import takes 0.4 s, which every preview would wait for.
    const { kubeConfig, server } = loadKubeConfig(await import("@kubernetes/client-node"), config);
    rejectInteractiveCommand(kubeConfig.getCurrentUser());
    const options: RequestOptions = {};
    await withTimeout(kubeConfig.applyToHTTPSOptions(options));
    return { server, options };
  } catch (error) {
    if (error instanceof ClusterError) throw error;
    throw new ClusterError((error as Error).message, { cause: error });
  }
}

/**
 * Throws an error for a command that needs a terminal, because neither this program nor the provider has one. Such a
 * command would wait for input (client-go, plugin/pkg/client/auth/exec/exec.go: `AlwaysExecInteractiveMode`).
 */
function rejectInteractiveCommand(user: ReturnType<KubeConfig["getCurrentUser"]>): void {
  if (user?.exec?.interactiveMode !== "Always") return;
  throw new ClusterError(
    `user ${JSON.stringify(user.name)} of the kubeconfig needs a terminal for its credentials, because interactiveMode is Always`,
  );
}

/** `fetch` is not used here, because it refuses many ports, and accepts neither a CA nor a client certificate. */
async function send(url: string, options: RequestOptions): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const request = url.startsWith("http:") ? httpRequest : httpsRequest;
  const sent = request(url, options, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  sent.on("error", reject).end();
  return promise;
}

async function withTimeout(loaded: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const failure = `the kubeconfig has no credentials after ${CREDENTIALS_TIMEOUT_MS / 1000} s`;
    timer = setTimeout(() => reject(new CredentialsTimeout(failure)), CREDENTIALS_TIMEOUT_MS);
  });
  await Promise.race([loaded, timeout]).finally(() => clearTimeout(timer));
}

/** The reason why a request failed. A server whose name has several addresses fails once for each of them. */
function describeFailure(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error;
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join(", ");
  const isTimeout = name === "TimeoutError" || (cause as Error | undefined)?.name === "TimeoutError";
  return isTimeout ? `no response within ${timeoutMs / 1000} s` : message;
}

/** The message of the API server's `Status` object. */
function describeStatus(body: string): string {
  try {
    const { message } = JSON.parse(body);
    return typeof message === "string" ? `: ${message}` : "";
  } catch {
    return "";
  }
}
