/** `npm run verify [-- <options>]`: an acceptance test of a mesh on a real cluster. */
import { createInterface } from "node:readline/promises";
import type { RunResources } from "./cleanup/clean-up.ts";
import { deletionCommand } from "./cleanup/run-namespace.ts";
import { type Command, parseCommand, USAGE, UsageError } from "./command-line.ts";
import { formatReport } from "./report/table.ts";
import { VerifyError } from "./verify-error.ts";
import { verifyMesh } from "./verify-mesh.ts";

const started = Date.now();

/** Prints a line with the seconds since the start. To stderr, because stdout has the report. */
function printProgress(line: string): void {
  console.error(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${line}`);
}

async function run(argv: readonly string[]): Promise<number> {
  const command = parseCommand(argv);
  if (command.help) {
    console.log(USAGE);
    return 0;
  }
  if (command.rotation && !command.yes) await confirmRotation(command.stack ?? "");
  const { json, yes: _, help: __, ...options } = command;
  let resources: RunResources | undefined;
  const signal = handleSignals(() => resources);
  const report = await verifyMesh({
    ...options,
    signal,
    onProgress: printProgress,
    onStart: (created) => {
      resources = created;
    },
  });
  console.log(json ? JSON.stringify(report, undefined, 2) : `\n${formatReport(report)}`);
  if (report.kept && resources) printProgress(`Delete the workloads with: ${deletionOf(resources)}`);
  return report.failed > 0 || report.cleanupError !== null ? 1 : 0;
}

function deletionOf({ namespace, context }: RunResources): string {
  return deletionCommand(namespace, context);
}

/** Requires a confirmation of a rotation. Throws a {@link UsageError} if nobody can answer. */
async function confirmRotation(stack: NonNullable<Command["stack"]>): Promise<void> {
  if (!process.stdin.isTTY) {
    throw new UsageError("--rotation: must be confirmed, got no terminal. Fix: add --yes");
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(
    `The rotation replaces the trust anchor of stack ${stack} and restarts its workloads. Enter the name of the stack to ` +
      "continue: ",
  );
  prompt.close();
  if (answer.trim() !== stack)
    throw new VerifyError("rotation: must be confirmed with the name of the stack.");
}

/**
 * The first signal ends the run, which then deletes its namespace. The second one ends this process, and the cleaner
 * continues without it.
 */
function handleSignals(resources: () => RunResources | undefined): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        printProgress(
          `Ending the run because of ${name}. Press Ctrl-C again to stop waiting for the cleanup.`,
        );
        controller.abort(new VerifyError(`run: must end by itself, got ${name}.`));
        return;
      }
      const created = resources();
      if (created) {
        printProgress(
          `The cleanup continues in the background. If the namespace stays, delete it with: ${deletionOf(created)}`,
        );
      }
      process.exit(2);
    });
  }
  return controller.signal;
}

process.exitCode = await run(process.argv.slice(2)).catch((error: Error) => {
  // The stack of an error that this program does not raise is needed to report it.
  const isExpected = error instanceof UsageError || error instanceof VerifyError;
  console.error(isExpected ? error.message : error.stack);
  return 2;
});
