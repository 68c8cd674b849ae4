/** Runs commands in pods. */
import { Writable } from "node:stream";
import { Exec, type V1Status } from "@kubernetes/client-node";
import type { Connection } from "./connection.ts";

/** Where a command runs. */
export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * Runs a command and returns its output. Rejects if it fails, with what it printed to stderr, and if the connection ends or
 * `signal` aborts before the command has ended.
 */
export async function execute(
  { kubeConfig }: Connection,
  { namespace, pod, container }: ExecTarget,
  command: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const [output, errors] = [collect(), collect()];
  const { promise, resolve, reject } = Promise.withResolvers<V1Status>();
  const socket = await new Exec(kubeConfig)
    .exec(namespace, pod, container, [...command], output.stream, errors.stream, null, false, resolve)
    // The error of a WebSocket is an event with a message.
    .catch((error: { message?: string }) => {
      throw new Error(`exec in pod ${pod}: ${error.message ?? "the connection failed"}`, { cause: error });
    });
  socket.on("close", () => reject(new Error(`exec in pod ${pod}: the connection ended before the command`)));
  const abort = () => socket.terminate();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const status = await promise;
    if (status.status === "Success") return output.text();
    throw new Error(`exec in pod ${pod}: ${errors.text().trim() || status.message || "the command failed"}`);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A stream that keeps all data. */
function collect(): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
