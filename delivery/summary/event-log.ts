/** Reading of the engine's event log: what `pulumi preview --event-log <file>` writes, and what the Automation API delivers. */
import type { EngineEvent as AutomationEvent, SummaryEvent } from "@pulumi/pulumi/automation/index.js";

/** An event of the engine. The engine adds fields to `summaryEvent` that the types of the Automation API leave out. */
export type EngineEvent = Omit<AutomationEvent, "summaryEvent"> & {
  readonly summaryEvent?: SummaryEvent & { readonly isPreview?: boolean; readonly result?: string };
};

/** The text of a log cannot be read as events. */
export class EventLogError extends Error {}

/** The events of a log, and whether the last line is cut off, as when the engine is killed while it writes. */
export interface EventLog {
  readonly events: readonly EngineEvent[];
  readonly isCutOff: boolean;
}

/**
 * Parses a log: one JSON document per line.
 *
 * @param name of the file, for errors
 * @throws EventLogError if a line before the last one is not an event
 */
export function parseEventLog(text: string, name: string): EventLog {
  const lines = text.split("\n");
  const last = lines.length - 1;
  let isCutOff = false;
  const events = lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const event = parseEvent(line);
    if (event !== undefined) return [event];
    // A complete line ends with a line break, so the last element is empty.
    if (index !== last || !line.startsWith("{"))
      throw new EventLogError(describe(line, `${name}:${index + 1}`));
    isCutOff = true;
    return [];
  });
  return { events, isCutOff };
}

function parseEvent(line: string): EngineEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "sequence" in value
      ? (value as EngineEvent)
      : undefined;
  } catch {
    return undefined; // The caller reports the line.
  }
}

/** The line itself is not quoted, because it may contain a secret. */
function describe(line: string, where: string): string {
  return (
    `${where}: must be an event of the engine in JSON, got ${line.length} characters of other text. ` +
    "Fix: PULUMI_DEBUG_COMMANDS=true pulumi preview --event-log <file>"
  );
}
