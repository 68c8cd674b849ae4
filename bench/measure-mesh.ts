/**
 * Measures one operation on one program, in a process of its own, and prints its usage as JSON.
 *
 * The result is the usage of the CLI alone: of a process that loads the SDK, and of one command that runs the
 * program. The Automation API runs more commands, which are not counted: those that open the stack, and those that
 * read the outputs and the history after an `up`. The latter are run once more to measure them.
 */
import { parseArgs } from "node:util";
import { type Engine, openStack, type StackConfig } from "../sandbox/engine.ts";
import { PROGRAMS } from "./programs.ts";
import { getUsage, measureUsage, subtract } from "./usage.ts";

/** The argument of this script, as JSON. */
export interface Task {
  engine: Engine;
  program: keyof typeof PROGRAMS;
  config: StackConfig;
  operation: "preview" | "up";
}

const loading = getUsage();
const { positionals } = parseArgs({ allowPositionals: true });
const { engine, program, config, operation } = JSON.parse(positionals[0] ?? "") as Task;
const stack = await openStack(engine, {
  name: "linkerd-mesh",
  stack: program,
  config,
  program: PROGRAMS[program],
});
const all = await measureUsage(() => stack[operation]());
const uncounted = await measureUsage(async () => {
  if (operation === "preview") return;
  await stack.outputs();
  await stack.info();
});
const command = subtract(all, uncounted);
console.log(JSON.stringify({ wall: loading.wall + command.wall, cpu: loading.cpu + command.cpu }));
