/**
 * Values that are known only during `up`.
 *
 * A preview does not know the outputs of a resource that it creates or replaces. Where an input depends on one, the event has no
 * value, and the provider reports the old value as deleted: the first step of a rotation looks like the loss of the trust
 * bundle. The events of outputs are exact: they have {@link UNKNOWN} in the place of each unknown output.
 */
import type { EngineEvent } from "./event-log.ts";
import { redact } from "./redact.ts";

/** What the engine has in the place of an unknown value (pulumi, sdk/go/common/resource/plugin/rpc.go). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Operations that create a resource. */
const NEW: readonly string[] = ["create", "replace", "create-replacement"];

export interface UnknownOutputs {
  /** Values, without secrets, that an output had before and for which the preview has no new value. */
  readonly former: ReadonlySet<string>;
  /** Whether an output of a new resource is unknown, so that an input without a value may depend on it. */
  readonly ofNewResource: boolean;
}

export function collectUnknownOutputs(events: readonly EngineEvent[]): UnknownOutputs {
  const former = new Set<string>();
  let ofNewResource = false;
  for (const { resOutputsEvent } of events) {
    const { op = "same", old: before, new: after } = resOutputsEvent?.metadata ?? {};
    compare(before?.outputs, after?.outputs, (value) => {
      // An update of a release has unknown outputs, too, such as the names of its objects. No input depends on them.
      if (NEW.includes(op)) ofNewResource = true;
      if (typeof value === "string" && value !== "") former.add(redact(value).trim());
    });
  }
  return { former, ofNewResource };
}

/** Calls `found` with the value before each unknown one. */
function compare(before: unknown, after: unknown, found: (former: unknown) => void): void {
  if (after === UNKNOWN) found(before);
  if (typeof after !== "object" || after === null) return;
  for (const [field, value] of Object.entries(after)) {
    compare((before as Record<string, unknown> | undefined)?.[field], value, found);
  }
}
