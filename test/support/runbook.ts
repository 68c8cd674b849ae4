/** The entries of docs/recovery.md, and operations that are repeated with their commands until they succeed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, type BreakableMesh, type Operation } from "./breakable-mesh.ts";
import { root } from "./package.ts";

/** An entry of docs/recovery.md: the messages in its heading, and the command below it. */
export interface RunbookEntry {
  messages: string[];
  command: string | undefined;
}

/**
 * Reads the entries of docs/recovery.md. The messages are the parts of a heading in backticks, the command is the first
 * shell block below it.
 */
export function readRunbook(): RunbookEntry[] {
  const text = readFileSync(join(root, "docs/recovery.md"), "utf8");
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const heading = section.slice(0, section.indexOf("\n"));
      return {
        messages: [...heading.matchAll(/`(.+?)`/g)].map(([, message = ""]) => message),
        command: /^```sh\n([\s\S]*?)^```/m.exec(section)?.[1],
      };
    });
}

/** Finds the entry with a message that occurs in `output`. */
export function findEntry(output: string): RunbookEntry | undefined {
  return readRunbook().find(({ messages }) => messages.some((message) => output.includes(message)));
}

/** Runs an entry's command, for the release that failed instead of the one in the runbook's example. */
export async function runEntryCommand(
  mesh: BreakableMesh,
  command: string,
  release: string | undefined,
): Promise<void> {
  await mesh.runCommand(release ? command.replaceAll("linkerd-control-plane", release) : command);
}

/**
 * Runs an operation until it succeeds, and after each failure the runbook's command for its message.
 * Returns the messages that occurred. Throws on a message without a command, and after five failures.
 */
export async function runUntilFinished(mesh: BreakableMesh, operation: Operation): Promise<string[]> {
  const messages: string[] = [];
  const recover = async (output: string, release: string | undefined) => {
    const entry = findEntry(output);
    if (entry?.command === undefined) throw new Error(`docs/recovery.md has no command for: ${output}`);
    messages.push(...entry.messages);
    await runEntryCommand(mesh, entry.command, release);
  };
  for (let tries = 0; tries < 5; tries++) {
    const { finished, errors, warnings, release } = await attempt(operation);
    if (!finished) await recover(errors, release);
    else {
      if (findEntry(warnings) && mesh.readState().pending.length > 0) await recover(warnings, release);
      return messages;
    }
  }
  throw new Error(
    `the operation failed 5 times. Commands of docs/recovery.md ran for: ${messages.join("; ")}`,
  );
}
