/** The summaries that the recordings of this directory must have. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEventLog } from "../../delivery/summary/event-log.ts";
import { type Operation, readOperation } from "../../delivery/summary/operation.ts";
import { summarize } from "../../delivery/summary/summarize.ts";

/** Summaries of several recordings, by name. Each recording also has one of its own. */
const TOGETHER: Readonly<Record<string, readonly string[]>> = {
  "one-setting": ["one-setting-dev", "one-setting-prod"],
  "one-fails": ["one-setting-dev", "invalid-settings"],
};

const HEAD = "1234abcd";

export const RECORDINGS = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".jsonl"))
  .map((file) => file.slice(0, -".jsonl".length));

/** The recordings of each summary. */
export const SUMMARIES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(RECORDINGS.map((name) => [name, [name]])),
  ...TOGETHER,
};

export function readRecording(name: string): string {
  return readFileSync(join(import.meta.dirname, `${name}.jsonl`), "utf8");
}

/** The operation that an event log describes. */
export function toOperation(log: string, name = "log"): Operation {
  return readOperation(parseEventLog(log, `${name}.jsonl`), name);
}

/** Summarizes recordings as CI does. */
export function summarizeRecordings(names: readonly string[]): string {
  return summarize(
    names.map((name) => toOperation(readRecording(name), name)),
    { head: HEAD },
  );
}

export function readSummary(name: string): string {
  return readFileSync(join(import.meta.dirname, `${name}.md`), "utf8");
}

/** Writes the summaries of all recordings. Only `npm run record:events` calls it. */
export function writeSummaries(): void {
  for (const [name, recordings] of Object.entries(SUMMARIES)) {
    writeFileSync(join(import.meta.dirname, `${name}.md`), summarizeRecordings(recordings));
  }
}
