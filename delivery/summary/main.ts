/** `npm run --silent summary -- <events.jsonl>…`: prints a summary of event logs as Markdown. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { parseCommand, USAGE, UsageError } from "./command-line.ts";
import { EventLogError, parseEventLog } from "./event-log.ts";
import { readOperation } from "./operation.ts";
import { summarize } from "./summarize.ts";

/** The name of the stack that a file without any event is about: that of the file. */
const stackOf = (file: string) => basename(file).replace(/\.jsonl?$/, "");

try {
  const { files, help, ...options } = parseCommand(process.argv.slice(2));
  const operations = files.map((file) => readOperation(parseEventLog(readLog(file), file), stackOf(file)));
  process.stdout.write(help ? `${USAGE}\n` : summarize(operations, options));
} catch (error) {
  const isExpected = [UsageError, EventLogError, RangeError].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}

function readLog(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const fix =
      "Fix: create the file before the preview, because Pulumi writes none if its engine does not start.";
    throw new EventLogError(`${file}: must be an event log, got ${(error as Error).message}. ${fix}`);
  }
}
