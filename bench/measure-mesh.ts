/**
 * One operation on the mesh's program or on an empty one, in a process of its own: its usage, as JSON. As with the
 * CLI alone, it is that of a process that loads the SDK, and of one command, which runs the program. What the
 * Automation API asks the CLI besides is not counted: to open the stack, and for the outputs and the history after
 * an `up`, which are asked for once more to know what they cost.
 */
import { type Engine, meshProgram, openStack, type StackConfig } from "../sandbox/engine.ts";
import { difference, usageOf, usageSoFar } from "./usage.ts";

/** What `mesh.ts` asks for. */
export interface Task {
  engine: Engine;
  program: "mesh" | "empty";
  config: StackConfig;
  operation: "preview" | "up";
}

const loading = usageSoFar();
const { engine, program, config, operation } = JSON.parse(process.argv[2] ?? "") as Task;
const stack = await openStack(engine, {
  name: "linkerd-mesh",
  stack: program,
  config,
  program: program === "mesh" ? meshProgram : async () => {},
});
const whole = await usageOf(() => stack[operation]());
const besides = await usageOf(async () => {
  if (operation === "preview") return;
  await stack.outputs();
  await stack.info();
});
const command = difference(whole, besides);
console.log(JSON.stringify({ wall: loading.wall + command.wall, cpu: loading.cpu + command.cpu }));
