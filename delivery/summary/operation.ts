/** An operation of a stack, as its events describe it. */
import type { StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import type { Json } from "../objects/kubernetes-object.ts";
import type { Fields } from "../objects/workloads.ts";
import type { EngineEvent, EventLog } from "./event-log.ts";
import { redact } from "./redact.ts";
import { collectUnknownOutputs, type UnknownOutputs } from "./unknown-outputs.ts";
import { readInputs } from "./values.ts";

/** The operations on resources that a summary shows. */
const SHOWN = ["create", "update", "replace", "delete", "import", "refresh"] as const;
export type StepOp = (typeof SHOWN)[number];

/** One operation on one resource. */
export interface Step {
  readonly op: StepOp;
  readonly urn: string;
  /** Type token, e.g. `kubernetes:core/v1:Secret`. */
  readonly type: string;
  /** Name in the program. */
  readonly name: string;
  /** Inputs before the operation, without secrets; of a refresh, the recorded outputs. Missing for a new resource. */
  readonly before: Fields | undefined;
  /** Inputs after it; of a refresh, the outputs that the provider read. Missing if the resource does not exist then. */
  readonly after: Fields | undefined;
  /** Outputs before the operation, without secrets. */
  readonly outputs: Fields;
  /** Paths that the provider reports as changed, e.g. `data["ca.crt"]`. */
  readonly diffPaths: readonly string[];
  /** Paths of a replacement that cause it, in the same form. */
  readonly replacePaths: readonly string[];
  /** Whether the object stays in the cluster when the resource is deleted. */
  readonly isRetained: boolean;
}

/** A message of the program, of a provider or of a policy. */
export interface Message {
  readonly severity: "error" | "warning" | "info";
  /** Without secrets and colors. */
  readonly text: string;
  /** URN of the resource; empty for messages about the program. */
  readonly urn: string;
}

export interface Operation {
  /** Name of the stack, from the URNs. */
  readonly stack: string;
  readonly isPreview: boolean;
  readonly isDestroy: boolean;
  /** Whether the engine finished. */
  readonly isComplete: boolean;
  /** Whether it finished without an error. */
  readonly succeeded: boolean;
  /** In the order of the engine, which differs between runs. */
  readonly steps: readonly Step[];
  /** Number of resources that do not change. */
  readonly unchanged: number;
  readonly messages: readonly Message[];
  readonly unknownOutputs: UnknownOutputs;
}

/**
 * Reads an operation from its events.
 *
 * @param fallback name of the stack if no event has one, which is so when the engine could not start
 */
export function readOperation({ events, isCutOff }: EventLog, fallback: string): Operation {
  const metadata = events.flatMap(({ resourcePreEvent: event }) => (event ? [event.metadata] : []));
  const summary = events.find(({ summaryEvent }) => summaryEvent)?.summaryEvent;
  const messages = events.flatMap(readMessage);
  const isFailed =
    messages.some(({ severity }) => severity === "error") || events.some((event) => event.resOpFailedEvent);
  return {
    stack: metadata.map(({ urn }) => urn.split("::")[0]?.split(":").at(-1) ?? "").find(Boolean) ?? fallback,
    isPreview:
      summary?.isPreview ?? events.some(({ resourcePreEvent }) => resourcePreEvent?.planning === true),
    isDestroy: metadata.some(({ op, type }) => op === "delete" && type === "pulumi:pulumi:Stack"),
    isComplete: summary !== undefined && !isCutOff,
    succeeded: summary !== undefined && summary.result !== "failed" && !isFailed,
    steps: readSteps(events),
    unchanged: summary?.resourceChanges?.same ?? 0,
    messages,
    unknownOutputs: collectUnknownOutputs(events),
  };
}

/** The stack itself, and the providers that the engine creates: it does not count them either. */
const OF_ENGINE = /::pulumi:pulumi:Stack::|::pulumi:providers:\w+::default(_|$)/;

/** A replacement has several events, of which `replace` has both states. A refresh has states after it only. */
function readSteps(events: readonly EngineEvent[]): Step[] {
  const steps = new Map<string, Step>();
  for (const { resourcePreEvent, resOutputsEvent } of events) {
    const isRefresh = resOutputsEvent?.metadata.op === "refresh";
    const metadata = isRefresh ? resOutputsEvent.metadata : resourcePreEvent?.metadata;
    const op = SHOWN.find((shown) => shown === metadata?.op);
    if (op === undefined || metadata === undefined || OF_ENGINE.test(metadata.urn)) continue;
    if ((op === "refresh") === isRefresh && (!isRefresh || isDrift(metadata))) {
      steps.set(`${op} ${metadata.urn}`, readStep(op, metadata));
    }
  }
  return [...steps.values()];
}

/** Whether a refresh found another object than the recorded one, or none. */
function isDrift({ new: after, detailedDiff }: StepEventMetadata): boolean {
  return !after || Object.keys(detailedDiff ?? {}).length > 0;
}

function readStep(op: StepOp, event: StepEventMetadata): Step {
  const { urn, type, old: before, new: after, detailedDiff, keys } = event;
  const field = op === "refresh" && after ? "outputs" : "inputs";
  return {
    op,
    urn,
    type,
    name: nameOf(urn),
    before: readInputs(type, before?.[field] as Json),
    after: readInputs(type, after?.[field] as Json),
    outputs: readInputs(type, before?.outputs as Json) ?? {},
    diffPaths: Object.keys(detailedDiff ?? {}),
    replacePaths: keys ?? [],
    isRetained: before?.retainOnDelete === true,
  };
}

/** The name in a URN. It may contain `::`. */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The engine prints an error of the program twice, and empty messages to clear a status line. */
function readMessage({ diagnosticEvent, policyEvent }: EngineEvent): Message[] {
  if (policyEvent) {
    const { enforcementLevel, policyName, message, resourceUrn = "" } = policyEvent;
    const severity = enforcementLevel === "mandatory" ? "error" : "warning";
    return [{ severity, text: redact(`${policyName}: ${message.trim()}`), urn: resourceUrn }];
  }
  if (!diagnosticEvent || diagnosticEvent.ephemeral === true) return [];
  const severity = diagnosticEvent.severity === "info#err" ? "info" : diagnosticEvent.severity;
  const text = redact(diagnosticEvent.message.trim());
  const isShown = ["error", "warning", "info"].includes(severity) && text !== "";
  return isShown ? [{ severity, text, urn: diagnosticEvent.urn ?? "" }] : [];
}
