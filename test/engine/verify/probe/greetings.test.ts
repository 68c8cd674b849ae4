import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { expect, test } from "vitest";
import { root } from "../../../support/package.ts";
import { runProbe, startProbe } from "../../../support/probe-scripts.ts";

const host = "127.0.0.1";

/** Starts a server of this process on a free port. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

test("a mail server greets on each of its ports before the client sends anything", async () => {
  const ports = [await getPort(), await getPort()];
  const server = await startProbe("serve-mail", ...ports);
  const greetings = await runProbe("greetings", {
    targets: ports.map((port) => ({ host, port })),
    timeoutMs: 5000,
  });
  expect(greetings).toEqual(
    ports.map((port) => ({ host, port, ms: expect.any(Number), line: `220 ${hostname()} ESMTP` })),
  );
  expect(greetings.every(({ ms }) => ms < 1000)).toBe(true);
  expect(await server.terminate()).toBe(0);
});

test("a silent server, a server that closes and a missing server are errors of their targets", async () => {
  const silent = createServer();
  const closing = createServer((socket) => socket.end());
  const [silentPort, closingPort, freePort] = [await listen(silent), await listen(closing), await getPort()];
  const greetings = await runProbe("greetings", {
    targets: [silentPort, closingPort, freePort].map((port) => ({ host, port })),
    timeoutMs: 300,
  });
  silent.close();
  closing.close();
  expect(greetings.map(({ error }) => error)).toEqual(["timeout", "closed", "ECONNREFUSED"]);
  expect(greetings[0]?.ms).toBeGreaterThanOrEqual(290);
});

test("an idle pod ends without an error when it is terminated", async () => {
  const idle = spawn(process.execPath, [join(root, "verify/probe/idle.ts")]);
  await once(idle.stdout, "data");
  expect(idle.exitCode).toBeNull();
  idle.kill("SIGTERM");
  expect(await once(idle, "exit")).toEqual([0, null]);
});
