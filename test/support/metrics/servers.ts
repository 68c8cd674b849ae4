/** Prometheus servers with the history of the shop, one for each test file that needs it. */
import { afterAll, inject } from "vitest";
import { type Prometheus, startPrometheus } from "./prometheus.ts";
import { type Format, type LabelStyle, shop } from "./shop/index.ts";

const started = new Map<string, Promise<Prometheus>>();

/** Returns a server with the history of the shop. It is started once for a test file, and ends with it. */
export function startShop(format: Format, style: LabelStyle): Promise<Prometheus> {
  const key = `${format} ${style}`;
  const found = started.get(key);
  if (found) return found;
  const server = startPrometheus({ tools: inject("metricsTools"), history: shop(format, style) });
  started.set(key, server);
  return server;
}

/** Ends the servers of a test file after its tests. Call it once, at the top of the file. */
export function stopServersAfterwards(): void {
  afterAll(async () => {
    for (const server of started.values()) await (await server).stop();
    started.clear();
  });
}
