/** The recording rules and alerts of a mesh. */
import { IssueCollector, type ValidationIssue } from "../../inputs/validation.ts";
import { admissionRules } from "./admission.ts";
import { applicationRules } from "./applications.ts";
import { certificateRules } from "./certificates.ts";
import { controlPlaneRules } from "./control-plane.ts";
import type { RuleGroup } from "./rule-groups.ts";
import { ruleOptionIssues } from "./rule-issues.ts";
import { type ResolvedRuleOptions, type RuleOptions, resolveRuleOptions } from "./rule-options.ts";

/**
 * The rules of a mesh, as `groups` of a rule file, or of the spec of a PrometheusRule. docs/alerts.md explains the alerts.
 *
 * @throws ValidationError with all invalid options
 */
export function rules(options: RuleOptions = {}): RuleGroup[] {
  const issues = new IssueCollector("rules");
  issues.add(...ruleIssues(options));
  issues.assertValid();
  const resolved = resolveRuleOptions(options);
  return allGroups(resolved)
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => !("alert" in rule && resolved.disabled.includes(rule.alert))),
    }))
    .filter((group) => group.rules.length > 0);
}

/** Issues with the options of {@link rules}. Paths begin with the name of the option. */
export function ruleIssues(options: RuleOptions): ValidationIssue[] {
  return ruleOptionIssues(options, alertNames);
}

/** The names of all alerts, sorted. */
export function alertNames(): ReadonlySet<string> {
  const all = allGroups(resolveRuleOptions({})).flatMap(({ rules }) => rules);
  return new Set(all.flatMap((rule) => ("alert" in rule ? [rule.alert] : [])).sort());
}

function allGroups(options: ResolvedRuleOptions): RuleGroup[] {
  return [
    applicationRules(options),
    certificateRules(options),
    admissionRules(options),
    controlPlaneRules(options),
  ];
}
