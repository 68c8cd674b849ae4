import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";

export const loopback = "127.0.0.1";

/**
 * Ports that Linux and macOS do not give to outgoing connections by default (`ip_local_port_range` from 32768,
 * `net.inet.ip.portrange.first` from 49152). One of those could be taken before a component of the cluster listens.
 */
const FIRST = 20_000;
const LAST = 32_767;

/** Finds different free ports. They are random, so that clusters that start at the same time find different ones. */
export async function findFreePorts(count: number): Promise<number[]> {
  const candidates = () => Array.from({ length: 100 }, () => randomInt(FIRST, LAST + 1));
  return Promise.all(Array.from({ length: count }, () => getPort({ host: loopback, port: candidates() })));
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
