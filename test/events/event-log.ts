/** Recorded event logs: events without data of this machine and without what would make them large. */
import type {
  EngineEvent,
  StepEventMetadata,
  StepEventStateMetadata,
} from "@pulumi/pulumi/automation/index.js";

/** Text that depends on the machine, and what a recording has in its place. */
export type Replacements = readonly (readonly [text: string, replacement: string])[];

/** A longer text is cut. Dashboards, rules and the configuration of scrapes are such texts. */
const LONGEST_TEXT = 3_000;
/** Warnings of the engine about the providers on PATH, which only a sandbox has. */
const ABOUT_SANDBOX = /from \$PATH|is expected to have version/;
/** What the engine has in the place of an output that is not known yet. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Formats events as an event log, one JSON document per line, as `pulumi preview --event-log <file>` writes it. For its size,
 * a recording leaves out:
 *
 * - debug messages, and warnings about providers on PATH
 * - the states of a resource that does not change, and the states after a step unless an output is unknown
 * - the outputs of Kubernetes objects
 * - providers, and the fields of a state that the event has as well
 * - the end of a text of more than {@link LONGEST_TEXT} characters
 *
 * Times and durations are 0. Ports of this machine are 6443.
 */
export function formatEventLog(events: readonly EngineEvent[], replacements: Replacements): string {
  let text = events
    .filter(({ diagnosticEvent: diagnostic }) => diagnostic === undefined || isKept(diagnostic))
    .map(
      (event) =>
        `${JSON.stringify(reduce(event), (key, value) => (key === "provider" ? undefined : cut(value)))}\n`,
    )
    .join("");
  for (const [found, replacement] of replacements) text = text.replaceAll(found, replacement);
  return text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:6443");
}

function isKept({ severity, message }: { severity: string; message: string }): boolean {
  return severity !== "debug" && !ABOUT_SANDBOX.test(message);
}

function reduce({ timestamp: _, ...event }: EngineEvent): object {
  const { resourcePreEvent: before, resOutputsEvent: after, resOpFailedEvent: failed, summaryEvent } = event;
  return {
    ...event,
    timestamp: 0,
    ...(before && { resourcePreEvent: { ...before, metadata: reduceStates(before.metadata) } }),
    ...(after && { resOutputsEvent: { ...after, metadata: reduceOutputs(after.metadata) } }),
    ...(failed && { resOpFailedEvent: { ...failed, metadata: withoutStates(failed.metadata) } }),
    ...(summaryEvent && { summaryEvent: { ...summaryEvent, durationSeconds: 0 } }),
  };
}

function reduceStates(metadata: StepEventMetadata): object {
  if (metadata.op === "same" || metadata.op === "refresh") return withoutStates(metadata);
  const { old: before, new: after, ...rest } = metadata;
  return { ...rest, old: reduceState(before, metadata), new: reduceState(after, metadata) };
}

/** Without the fields that the event has already, and without the outputs of Kubernetes objects. */
function reduceState(
  state: StepEventStateMetadata | null | undefined,
  { type }: StepEventMetadata,
): object | undefined {
  if (!state) return undefined;
  const { inputs, outputs, protect, retainOnDelete } = state;
  return {
    inputs,
    ...(!type.startsWith("kubernetes:") && { outputs }),
    ...(protect && { protect }),
    ...(retainOnDelete && { retainOnDelete }),
  };
}

/** Only unknown outputs, and what a refresh finds. Without a new state, a refresh has not found the object. */
function reduceOutputs(metadata: StepEventMetadata): object {
  const { old: before, new: after, ...rest } = metadata;
  if (metadata.op === "refresh") {
    const hasDrift = !after || Object.keys(metadata.detailedDiff ?? {}).length > 0;
    return { ...rest, old: pickStates(before, hasDrift), new: after ? pickStates(after, hasDrift) : null };
  }
  if (!JSON.stringify(after?.outputs ?? {}).includes(UNKNOWN)) return rest;
  return { ...rest, old: { outputs: before?.outputs }, new: { outputs: after?.outputs } };
}

function pickStates(state: StepEventStateMetadata | undefined, hasDrift: boolean): object {
  return hasDrift ? { inputs: state?.inputs, outputs: state?.outputs } : {};
}

function withoutStates({ old: _, new: __, ...metadata }: StepEventMetadata): object {
  return metadata;
}

function cut(value: unknown): unknown {
  if (typeof value !== "string" || value.length <= LONGEST_TEXT) return value;
  return `${value.slice(0, LONGEST_TEXT)}[${value.length - LONGEST_TEXT} characters left out]`;
}
