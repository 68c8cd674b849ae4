import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProbeServer, runProbe, startProbe } from "../../../support/probe-scripts.ts";

let server: ProbeServer;
let url: string;

beforeAll(async () => {
  const port = await getPort();
  server = await startProbe("serve-http", port);
  url = `http://127.0.0.1:${port}`;
});

afterAll(() => {
  server.process.kill("SIGKILL");
});

test("requests of a load use one connection, and their answers are counted by pod and identity", async () => {
  const result = await runProbe("http-requests", { url: `${url}/`, count: 20 });
  expect(result).toMatchObject({
    sent: 20,
    statuses: { "200": 20 },
    errors: {},
    pods: { [hostname()]: 20 },
    clientIdentities: { none: 20 },
    connections: 1,
  });
  expect(result.latency.p50).toBeGreaterThan(0);
  expect(result.latency.max).toBeGreaterThanOrEqual(result.latency.p50);
  expect(JSON.parse(result.lastBody)).toEqual({ pod: hostname(), clientIdentity: null });
});

test("a load with `newConnections` opens a connection for each request", async () => {
  const result = await runProbe("http-requests", { url: `${url}/`, count: 5, newConnections: true });
  expect(result).toMatchObject({ sent: 5, connections: 5 });
});

test("a load with several connections sends a request on each at the same time", async () => {
  const result = await runProbe("http-requests", { url: `${url}/?ms=300`, count: 8, connections: 4 });
  expect(result).toMatchObject({
    sent: 8,
    statuses: { "200": 8 },
    pods: { [hostname()]: 8 },
    connections: 4,
  });
  expect(result.latency.p50).toBeGreaterThanOrEqual(299);
});

test("a server that stops at SIGTERM at once loses the requests that are open", async () => {
  const port = await getPort();
  const stopping = await startProbe("serve-http", port);
  const target = { url: `http://127.0.0.1:${port}/?ms=2000`, count: 4, connections: 4 };
  const load = runProbe("http-requests", target);
  await sleep(1000);
  stopping.process.kill("SIGKILL");
  expect((await load).errors).toEqual({ ECONNRESET: 4 });
});

test("a load has a duration, and a pause between two requests", async () => {
  const result = await runProbe("http-requests", { url: `${url}/`, durationMs: 500, intervalMs: 100 });
  expect(result.sent).toBeGreaterThan(1);
  expect(result.sent).toBeLessThanOrEqual(6);
});

test("a load without a limit is an error", async () => {
  await expect(runProbe("http-requests", { url })).rejects.toThrow("count or durationMs: must be set");
});

test("the caller's identity is the header that the server's proxy sets", async () => {
  const answer = await fetch(url, { headers: { "l5d-client-id": "client.test.serviceaccount" } });
  expect(await answer.json()).toEqual({ pod: hostname(), clientIdentity: "client.test.serviceaccount" });
});

test("the first attempt of an ID fails, the next ones succeed, and the server counts them", async () => {
  const path = `${url}/flaky?id=${crypto.randomUUID()}`;
  const statuses = [];
  for (let attempt = 0; attempt < 3; attempt++) statuses.push((await fetch(path)).status);
  expect(statuses).toEqual([503, 200, 200]);
  const attempts = await fetch(path.replace("/flaky", "/attempts"));
  expect(await attempts.json()).toEqual({ attempts: 3 });
});

test("a request without an answer in time is a timeout", async () => {
  const result = await runProbe("http-requests", { url: `${url}/slow?ms=2000`, count: 1, timeoutMs: 200 });
  expect(result).toMatchObject({ sent: 1, statuses: {}, errors: { timeout: 1 } });
  expect((await fetch(`${url}/slow?ms=10`)).status).toBe(200);
});

test("a refused connection and an unexpected answer are counted, and do not end the load", async () => {
  const free = await getPort();
  const refused = await runProbe("http-requests", { url: `http://127.0.0.1:${free}/`, count: 2 });
  expect(refused).toMatchObject({ sent: 2, errors: { ECONNREFUSED: 2 } });
  expect(await runProbe("http-requests", { url: `${url}/nothing`, count: 1 })).toMatchObject({
    statuses: { "404": 1 },
    pods: {},
  });
});

test("a connection that the server resets is an error of that request", async () => {
  const resetting: Server = createServer((request) => request.socket.resetAndDestroy());
  await new Promise<void>((resolve) => resetting.listen(0, "127.0.0.1", resolve));
  const { port } = resetting.address() as AddressInfo;
  const result = await runProbe("http-requests", { url: `http://127.0.0.1:${port}/`, count: 2 });
  resetting.close();
  expect(result).toMatchObject({ sent: 2, errors: { ECONNRESET: 2 }, connections: 2 });
});

test("after SIGTERM, the server answers every request for a while, closes connections, and ends without an error", async () => {
  const port = await getPort();
  const draining = await startProbe("serve-http", port);
  const target = `http://127.0.0.1:${port}/`;
  const load = runProbe("http-requests", { url: target, durationMs: 2500, intervalMs: 20 });
  await sleep(1000);
  const started = Date.now();
  const exit = draining.terminate();
  const result = await load;
  expect(result.errors).toEqual({});
  expect(result.statuses).toEqual({ "200": result.sent });
  // Before SIGTERM one connection, after it one for each request.
  expect(result.connections).toBeGreaterThan(10);
  expect(await exit).toBe(0);
  expect(Date.now() - started).toBeLessThan(8000);
});
