/** Prometheus servers with the history of the shop. Each is started once, for all test files of a run. */
import { inject } from "vitest";
import { connect, type Prometheus, startPrometheus } from "./prometheus.ts";
import { findServers, rememberServer } from "./running-servers.ts";
import { type Format, type LabelStyle, shop } from "./shop/index.ts";

const started = new Map<string, Promise<Prometheus>>();

/** Returns a server with the history of the shop. The tests of a run share it, so they do not write to it. */
export function startShop(format: Format, style: LabelStyle): Promise<Prometheus> {
  const key = `${format}-${style}`;
  const found = started.get(key) ?? startShared(key, format, style);
  started.set(key, found);
  return found;
}

/** Test files run one after another, each in a process of its own: a server of an earlier file is found on the disk. */
async function startShared(key: string, format: Format, style: LabelStyle): Promise<Prometheus> {
  const running = findServers().get(key);
  if (running) return connect(running);
  const server = await startPrometheus({ tools: inject("metricsTools"), history: shop(format, style) });
  rememberServer(key, server);
  return server;
}
