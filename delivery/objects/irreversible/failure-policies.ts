/** Webhooks and policies that begin to reject requests while they do not work. */
import { formatObject, type Json } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { Irreversible, ObjectChanges } from "../object-changes.ts";
import { readFields, readList } from "../workloads.ts";

const WEBHOOKS = /^admissionregistration\.k8s\.io\/(Mutating|Validating)WebhookConfiguration$/;
const POLICIES = /^admissionregistration\.k8s\.io\/(Mutating|Validating)AdmissionPolicy$/;

const WHY_WEBHOOK =
  "While the webhook does not answer, the API server rejects the requests that it is configured for, so pods may not " +
  "start. Run more than one replica of its server, on several nodes.";
/** The API server evaluates a policy itself (k8s.io/api, admissionregistration/v1, `failurePolicy`). */
const WHY_POLICY =
  "The API server rejects each request for which an expression of the policy fails, so pods may not start. Test the policy " +
  "on another cluster first.";

/** Finds failure policies that change from `Ignore` to `Fail`, the default of the API. */
export function findFailurePolicies({ changed }: ObjectChanges): Irreversible[] {
  return changed.flatMap(({ before, after }): Irreversible[] => {
    const kind = groupKind(after);
    const object = formatObject(after);
    if (POLICIES.test(kind)) {
      return isTightened(readFields(before, "spec"), readFields(after, "spec"))
        ? [{ object, what: describeChange(""), why: WHY_POLICY }]
        : [];
    }
    if (!WEBHOOKS.test(kind)) return [];
    const old = new Map(readList(before, "webhooks").map((webhook) => [readFields(webhook).name, webhook]));
    return readList(after, "webhooks").flatMap((webhook) => {
      const { name } = readFields(webhook);
      const former = old.get(name);
      return former !== undefined && isTightened(former, webhook)
        ? [{ object, what: describeChange(` of ${name}`), why: WHY_WEBHOOK }]
        : [];
    });
  });
}

function isTightened(before: Json, after: Json): boolean {
  return (
    readFields(before).failurePolicy === "Ignore" && (readFields(after).failurePolicy ?? "Fail") === "Fail"
  );
}

const describeChange = (webhook: string) => `changes the failure policy${webhook} from Ignore to Fail`;
