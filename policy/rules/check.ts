/** Runs rules over resources. */
import { formatIssue } from "../../components/inputs/validation.ts";
import {
  type CheckedResource,
  fromObjects,
  fromRecorded,
  type RecordedInputs,
  type RenderedObject,
} from "./checked-resource.ts";
import type { Finding, Rule, RuleOptions } from "./rule.ts";
import { RULES } from "./rules.ts";

/** The findings of one rule, in the order of the resources. */
export function runRule(
  { name, enforcement, check }: Rule,
  resources: readonly CheckedResource[],
  options: RuleOptions = {},
): Finding[] {
  const findings: Finding[] = [];
  check(
    resources,
    (resource, issue) => {
      findings.push({ rule: name, enforcement, resource: resource.id, message: formatIssue(issue) });
    },
    options,
  );
  return findings;
}

/** The findings of all rules in the resources of a recorded stack. */
export function checkResources(recorded: readonly RecordedInputs[], options: RuleOptions = {}): Finding[] {
  const resources = fromRecorded(recorded);
  return RULES.flatMap((rule) => runRule(rule, resources, options));
}

/** The findings of all rules in rendered Kubernetes objects. */
export function checkObjects(objects: readonly RenderedObject[], options: RuleOptions = {}): Finding[] {
  const resources = fromObjects(objects);
  return RULES.flatMap((rule) => runRule(rule, resources, options));
}
