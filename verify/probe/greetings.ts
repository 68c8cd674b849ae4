/** `greetings '<GreetingTargets>'`: connects to mail servers, waits for their first line, and prints a `Greeting` for each. */
import { connect } from "node:net";
import type { Greeting, GreetingTargets } from "./protocol.ts";

const { targets, timeoutMs }: GreetingTargets = JSON.parse(process.argv[2] ?? "");

function greeting(host: string, port: number): Promise<Greeting> {
  const started = performance.now();
  const { promise, resolve } = Promise.withResolvers<Greeting>();
  const socket = connect({ host, port });
  const finish = (found: { line: string } | { error: string }) => {
    clearTimeout(timer);
    socket.destroy();
    resolve({ host, port, ms: performance.now() - started, ...found });
  };
  // Not `socket.setTimeout`, which counts from the last activity.
  const timer = setTimeout(() => finish({ error: "timeout" }), timeoutMs);
  let received = "";
  socket.on("data", (data) => {
    received += data;
    const [line = "", ...rest] = received.split(/\r?\n/);
    if (rest.length > 0) finish({ line });
  });
  socket.on("error", (error: NodeJS.ErrnoException) => finish({ error: error.code ?? error.message }));
  socket.on("end", () => finish({ error: "closed" }));
  return promise;
}

const results = await Promise.all(targets.map(({ host, port }) => greeting(host, port)));
console.log(JSON.stringify(results));
