/** A forward proxy on loopback that answers all requests itself, for addresses that do not exist. */
import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import getPort from "get-port";

/** Returns what a target exposes at a URL; `undefined` if nothing is there. */
export type Answer = (url: URL) => string | undefined;

export interface ForwardProxy {
  readonly url: string;
  /** Origins of all requests so far, as the client named them: `http://10.0.0.1:4191`, or `10.0.0.1:443` of a tunnel. */
  readonly origins: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * @param answer what plain requests get; without an answer, 404
 * @param tunnels ports on loopback by the address of a tunnel, for TLS; all others are refused
 */
export async function startForwardProxy(
  answer: Answer,
  tunnels: Readonly<Record<string, number>>,
): Promise<ForwardProxy> {
  const origins = new Set<string>();
  const open = new Set<Socket>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://not-a-proxy-request");
    origins.add(url.origin);
    const content = answer(url);
    response.writeHead(content === undefined ? 404 : 200, { "Content-Type": "text/plain; version=0.0.4" });
    response.end(content);
  });
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    const address = request.url ?? "";
    origins.add(address);
    const port = tunnels[address];
    if (port === undefined) {
      client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      return;
    }
    const upstream = connect({ host: "127.0.0.1", port }, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      open.add(socket);
      // Either end may close first.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
  });
  const port = await getPort({ host: "127.0.0.1" });
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject).listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${port}`,
    origins,
    async close() {
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
