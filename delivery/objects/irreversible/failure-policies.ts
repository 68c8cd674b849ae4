/** Webhooks and policies that begin to reject requests while they do not work. */
import { formatObject, type Json } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { Irreversible, ObjectChanges } from "../object-changes.ts";
import { readFields, readList } from "../workloads.ts";

const WEBHOOKS = /^admissionregistration\.k8s\.io\/(Mutating|Validating)WebhookConfiguration$/;
const POLICIES = /^admissionregistration\.k8s\.io\/(Mutating|Validating)AdmissionPolicy$/;

/** Finds failure policies that change from `Ignore` to `Fail`, the default of the API. */
export function findFailurePolicies({ changed }: ObjectChanges): Irreversible[] {
  return changed.flatMap(({ before, after }): Irreversible[] => {
    const kind = groupKind(after);
    const object = formatObject(after);
    if (POLICIES.test(kind)) {
      return isTightened(readFields(before, "spec"), readFields(after, "spec")) ? [describe(object, "")] : [];
    }
    if (!WEBHOOKS.test(kind)) return [];
    const old = new Map(readList(before, "webhooks").map((webhook) => [readFields(webhook).name, webhook]));
    return readList(after, "webhooks").flatMap((webhook) => {
      const { name } = readFields(webhook);
      const former = old.get(name);
      return former !== undefined && isTightened(former, webhook) ? [describe(object, ` of ${name}`)] : [];
    });
  });
}

function isTightened(before: Json, after: Json): boolean {
  return (
    readFields(before).failurePolicy === "Ignore" && (readFields(after).failurePolicy ?? "Fail") === "Fail"
  );
}

function describe(object: string, webhook: string): Irreversible {
  return {
    object,
    what: `changes the failure policy${webhook} from Ignore to Fail`,
    why:
      "While it does not answer, the API server rejects the requests that it selects, so pods may not start. " +
      "Run more than one replica of it, on several nodes.",
  };
}
