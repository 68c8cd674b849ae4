import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";

export const loopback = "127.0.0.1";

/** Finds different free ports. */
export async function findFreePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => getPort({ host: loopback })));
}

/** Reads the ports of a cluster from its kwokctl configuration. */
export function readPorts(configuration: string): number[] {
  const { options } = JSON.parse(readFileSync(configuration, "utf8")) as { options: Record<string, unknown> };
  return Object.entries(options).flatMap(([name, value]) => (name.endsWith("Port") ? [Number(value)] : []));
}

/**
 * Waits up to five seconds until a port is free, because a process that ends closes its sockets last. Returns
 * whether it is. get-port cannot answer this: it counts a port that it has returned as taken, for up to 30 s.
 */
export async function becomesFree(port: number): Promise<boolean> {
  for (let tries = 0; tries < 50; tries++, await sleep(100)) {
    if (await isFree(port)) return true;
  }
  return false;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(false);
      else reject(error);
    });
    server.listen(port, loopback, () => server.close(() => resolve(true)));
  });
}
