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
  const operations = files.map((file) =>
    readOperation(parseEventLog(readFileSync(file, "utf8"), file), stackOf(file)),
  );
  process.stdout.write(help ? `${USAGE}\n` : summarize(operations, options));
} catch (error) {
  const isExpected =
    error instanceof UsageError || error instanceof EventLogError || error instanceof RangeError;
  const isUnreadable = (error as NodeJS.ErrnoException).syscall !== undefined;
  if (!isExpected && !isUnreadable) throw error;
  console.error((error as Error).message);
  process.exitCode = 1;
}
