/**
 * One operation on one of the programs, in a process of its own: its usage, as JSON. As with the
 * CLI alone, it is that of a process that loads the SDK, and of one command, which runs the program. What the
 * Automation API asks the CLI besides is not counted: to open the stack, and for the outputs and the history after
 * an `up`, which are asked for once more to know what they cost.
 */
import { type Engine, openStack, type StackConfig } from "../sandbox/engine.ts";
import { PROGRAMS } from "./programs.ts";
import { difference, usageOf, usageSoFar } from "./usage.ts";

/** What `mesh.ts` asks for. */
export interface Task {
  engine: Engine;
  program: keyof typeof PROGRAMS;
  config: StackConfig;
  operation: "preview" | "up";
}

const loading = usageSoFar();
const { engine, program, config, operation } = JSON.parse(process.argv[2] ?? "") as Task;
const stack = await openStack(engine, {
  name: "linkerd-mesh",
  stack: program,
  config,
  program: PROGRAMS[program],
});
const whole = await usageOf(() => stack[operation]());
const besides = await usageOf(async () => {
  if (operation === "preview") return;
  await stack.outputs();
  await stack.info();
});
const command = difference(whole, besides);
console.log(JSON.stringify({ wall: loading.wall + command.wall, cpu: loading.cpu + command.cpu }));
