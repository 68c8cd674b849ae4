/** `http-requests '<RequestLoad>'`: sends requests and prints a `LoadResult`. */
import { Agent, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Echo, LoadResult, RequestLoad } from "./protocol.ts";

const load: RequestLoad = JSON.parse(process.argv[2] ?? "");
const {
  url,
  count = Infinity,
  durationMs = Infinity,
  connections = 1,
  intervalMs = 0,
  timeoutMs = 10_000,
} = load;
if (count === Infinity && durationMs === Infinity) {
  throw new Error("count or durationMs: must be set, got neither");
}

const agent = new Agent({ keepAlive: !load.newConnections, maxSockets: connections });
const sockets = new Set<Socket>();
const latencies: number[] = [];
const statuses: Record<string, number> = {};
const errors: Record<string, number> = {};
const pods: Record<string, number> = {};
const clientIdentities: Record<string, number> = {};
let lastBody = "";

const increment = (counts: Record<string, number>, key: string) => {
  counts[key] = (counts[key] ?? 0) + 1;
};

/** Sends one request, and counts its answer or its error. */
async function send(): Promise<void> {
  const started = performance.now();
  try {
    const { status, body } = await get();
    latencies.push(performance.now() - started);
    increment(statuses, String(status));
    lastBody = body;
    const echo = readEcho(body);
    if (echo === undefined) return;
    increment(pods, echo.pod);
    increment(clientIdentities, echo.clientIdentity ?? "none");
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    increment(errors, name === "TimeoutError" ? "timeout" : (code ?? message));
  }
}

async function get(): Promise<{ status: number; body: string }> {
  const signal = AbortSignal.timeout(timeoutMs);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(url, { agent, signal }, resolve)
    .on("socket", (socket) => sockets.add(socket))
    .on("error", (error) => reject(signal.aborted ? signal.reason : error))
    .end();
  const response = await promise;
  const body = await text(response).catch((error) => {
    throw signal.aborted ? signal.reason : error;
  });
  return { status: response.statusCode ?? 0, body };
}

/** The answer of `GET /`; `undefined` for other answers, such as those of a proxy. */
function readEcho(body: string): Echo | undefined {
  try {
    const echo = JSON.parse(body);
    return typeof echo?.pod === "string" ? echo : undefined;
  } catch {
    return undefined; // Not JSON.
  }
}

const started = performance.now();
let sent = 0;

/** Sends requests one after the other until a limit is reached. */
async function sendAll(): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst && intervalMs > 0) await sleep(intervalMs);
    if (sent >= count || performance.now() - started >= durationMs) return;
    sent++;
    await send();
  }
}

await Promise.all(Array.from({ length: connections }, sendAll));
agent.destroy();

latencies.sort((a, b) => a - b);
const result: LoadResult = {
  sent,
  statuses,
  errors,
  pods,
  clientIdentities,
  connections: sockets.size,
  latency: { p50: latencies[Math.floor(latencies.length / 2)] ?? 0, max: latencies.at(-1) ?? 0 },
  lastBody,
};
console.log(JSON.stringify(result));
