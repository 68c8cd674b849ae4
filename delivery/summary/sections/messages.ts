/** Sections with the messages of the program, of the providers and of policies. */
import { code } from "../../markdown/blocks.ts";
import { escapeText, formatMessage } from "../../markdown/escape.ts";
import type { Section } from "../../markdown/fit-sections.ts";
import { formatItems, type Item } from "../items.ts";
import { nameStep } from "../names.ts";
import { type Message, nameOf, type Operation } from "../operation.ts";

/** What the engine adds to an error of a resource. */
const ADDED = /^(preview|update|destroy|refresh) failed$/;
/** A longer message is cut, so that one of them does not hide the others. */
const LONGEST_MESSAGE = 4_000;

export function listFailures(operations: readonly Operation[], stacks: readonly string[]): Section {
  const items = operations.flatMap((operation) => {
    const errors = readMessages(operation, "error");
    const ownErrors = errors.filter(({ text }) => !ADDED.test(text));
    const shown = (ownErrors.length > 0 ? ownErrors : errors).map((error) => formatError(error, operation));
    return [
      ...(operation.isComplete ? [] : [describeInterruption(operation)]),
      ...shown,
      ...describeSilence(operation, shown),
    ].map((markdown): Item => ({ stack: operation.stack, markdown }));
  });
  return { title: "Failed", blocks: formatItems(items, stacks) };
}

function describeInterruption({ isPreview, steps, messages, unchanged }: Operation): string {
  if (steps.length + messages.length + unchanged === 0) {
    return "The engine did not start: its event log is empty. Fix: read the output of `pulumi` in the log of the job.";
  }
  const fix = isPreview
    ? "Fix: run the preview again."
    : "Resources may have changed that the state does not have. Fix: follow docs/recovery.md, and run `up` again.";
  return `The engine did not finish: its event log has no end, so this summary is incomplete. ${fix}`;
}

function describeSilence({ isComplete, succeeded }: Operation, shown: readonly string[]): string[] {
  return isComplete && !succeeded && shown.length === 0
    ? ["The operation failed without a message. Fix: read the log of the job."]
    : [];
}

export function listWarnings(operations: readonly Operation[], stacks: readonly string[]): Section {
  return { title: "Warnings", blocks: listTexts(operations, stacks, "warning"), separator: "\n" };
}

/** Messages for information, such as the report of an upgrade. */
export function listNotes(operations: readonly Operation[], stacks: readonly string[]): Section {
  return { title: "Notes of the program", blocks: listTexts(operations, stacks, "info"), separator: "\n" };
}

function listTexts(
  operations: readonly Operation[],
  stacks: readonly string[],
  severity: Message["severity"],
): string[] {
  const items = operations.flatMap((operation) =>
    readMessages(operation, severity).map((message) => ({
      stack: operation.stack,
      markdown: formatText(message, operation),
    })),
  );
  return formatItems(items, stacks);
}

/** Messages in the order of the engine, each once. The engine prints an error of the program twice. */
function readMessages({ messages }: Operation, severity: Message["severity"]): Message[] {
  const found = new Map(
    messages.filter((message) => message.severity === severity).map((message) => [message.text, message]),
  );
  return [...found.values()];
}

function formatError(message: Message, operation: Operation): string {
  return `${escapeText(nameOrigin(message, operation) ?? "The program")}:\n\n${code(cut(message.text), "text")}`;
}

/** A message of one line is text, so that it is easy to read. */
function formatText(message: Message, operation: Operation): string {
  const name = nameOrigin(message, operation);
  const prefix = name === undefined ? "" : `${escapeText(name)}:`;
  const text = cut(message.text);
  return text.includes("\n")
    ? `${prefix}\n\n${code(text, "text")}`.trimStart()
    : `${prefix} ${formatMessage(text)}`.trimStart();
}

/** The resource that a message is about. */
function nameOrigin({ urn }: Message, { steps }: Operation): string | undefined {
  const step = steps.find((each) => each.urn === urn);
  const name = step === undefined ? nameOf(urn) : nameStep(step);
  return name === "" ? undefined : name;
}

function cut(text: string): string {
  const left = text.length - LONGEST_MESSAGE;
  return left <= 0 ? text : `${text.slice(0, LONGEST_MESSAGE)}… (${left} characters more)`;
}
