/**
 * `serve-http <port>`: the HTTP server that protocol.ts describes.
 *
 * After SIGTERM, it serves for {@link DRAIN_MS} more, because callers learn of the end of a pod later than the pod does.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { hostname } from "node:os";
import type { Echo } from "./protocol.ts";

/** Time in which callers learn that the pod is no longer an endpoint of its Service. */
const DRAIN_MS = 4_000;

/** Longer than a proxy or a client keeps an idle connection, so that the server never closes one first. */
const KEEP_ALIVE_MS = 120_000;

const attempts = new Map<string, number>();
let isDraining = false;

const server = createServer((request, response) => {
  // Callers open their next connection to another pod.
  if (isDraining) response.setHeader("connection", "close");
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  const id = searchParams.get("id") ?? "";
  const delayMs = Number(searchParams.get("ms"));
  switch (pathname) {
    case "/":
      return void setTimeout(() => answer(response, 200, echo(request)), delayMs);
    case "/flaky": {
      const attempt = (attempts.get(id) ?? 0) + 1;
      attempts.set(id, attempt);
      return answer(response, attempt === 1 ? 503 : 200, { attempt });
    }
    case "/attempts":
      return answer(response, 200, { attempts: attempts.get(id) ?? 0 });
    case "/slow":
      return void setTimeout(() => answer(response, 200, {}), delayMs);
    case "/ready":
    case "/live":
      return answer(response, 200, {});
    default:
      return answer(response, 404, {});
  }
});

function echo({ headers }: IncomingMessage): Echo {
  const identity = headers["l5d-client-id"];
  return { pod: hostname(), clientIdentity: typeof identity === "string" ? identity : null };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

server.keepAliveTimeout = KEEP_ALIVE_MS;
server.listen(Number(process.argv[2]));

process.on("SIGTERM", () => {
  isDraining = true;
  setTimeout(() => {
    server.close();
    server.closeIdleConnections();
  }, DRAIN_MS);
});
