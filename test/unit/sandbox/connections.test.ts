import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { sdk } from "../../../sandbox/connections.ts";

const grpc = sdk("@grpc/grpc-js");
const { EngineClient, EngineService } = sdk("./proto/engine_grpc_pb.js");
const { LogRequest } = sdk("./proto/engine_pb.js");
const { Empty } = sdk("google-protobuf/google/protobuf/empty_pb.js");

/** Calls an engine on a new connection, and returns its answer or the error. */
function call(address: string): Promise<string> {
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return new Promise((resolve) => {
    client.log(new LogRequest(), (error: Error | null) => resolve(error ? error.message : "an answer"));
  });
}

test("an engine can be reached at a port where an earlier connection failed", async () => {
  const place = createServer().listen(0, "127.0.0.1");
  await once(place, "listening");
  const { port } = place.address() as { port: number };
  place.close();
  const address = `127.0.0.1:${port}`;
  expect(await call(address)).toContain("ECONNREFUSED");

  const engine = new grpc.Server();
  const log = (_: unknown, answer: (error: null, empty: unknown) => void) => answer(null, new Empty());
  const others = Object.keys(EngineService).filter((name) => name !== "log");
  engine.addService(EngineService, { log, ...Object.fromEntries(others.map((name) => [name, () => {}])) });
  await new Promise((resolve) => engine.bindAsync(address, grpc.ServerCredentials.createInsecure(), resolve));
  expect(await call(address)).toBe("an answer");
  engine.forceShutdown();
});
