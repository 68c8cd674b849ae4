/** The recording rules and alerts of a mesh. */
import { admissionRules } from "./admission.ts";
import { applicationRules } from "./applications.ts";
import { certificateRules } from "./certificates.ts";
import { controlPlaneRules } from "./control-plane.ts";
import type { RuleGroup } from "./rule-groups.ts";
import { type RuleOptions, resolveRuleOptions } from "./rule-options.ts";

/**
 * The rules of a mesh, as `groups` of a rule file, or of the spec of a PrometheusRule. docs/alerts.md explains the alerts.
 *
 * @throws ValidationError with all invalid options
 */
export function rules(options: RuleOptions = {}): RuleGroup[] {
  const resolved = resolveRuleOptions(options);
  return [
    applicationRules(resolved),
    certificateRules(resolved),
    admissionRules(resolved),
    controlPlaneRules(resolved),
  ];
}
