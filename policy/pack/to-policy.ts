/** Rules as policies of Pulumi. */
import type {
  PolicyConfigSchema,
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from "@pulumi/policy";
import { runRule } from "../rules/check.ts";
import type { CheckedResource } from "../rules/checked-resource.ts";
import type { Rule, RuleOptions } from "../rules/rule.ts";
import { readKnownValues } from "./known-values.ts";

/** The schema of each option in the configuration of the pack. */
const OPTION_SCHEMAS: PolicyConfigSchema["properties"] = {
  days: { type: "integer", minimum: 0, description: "Days that a certificate must remain valid." },
  namespaces: {
    type: "array",
    items: { type: "string" },
    description: "Meshed namespaces that the stack itself does not show to be meshed.",
  },
};

/** A policy that runs the rule. Its level is the one of the rule, unless the configuration of the pack has another. */
export function toPolicy(rule: Rule): ResourceValidationPolicy | StackValidationPolicy {
  const { name, description, enforcement: enforcementLevel, options = [] } = rule;
  const properties = Object.fromEntries(
    Object.entries(OPTION_SCHEMAS).filter(([option]) => options.some((each) => each === option)),
  );
  const policy = {
    name,
    description,
    enforcementLevel,
    ...(options.length > 0 ? { configSchema: { properties } } : {}),
  };
  if (rule.scope === "resource") {
    return {
      ...policy,
      validateResource: (args, reportViolation) => {
        for (const { message } of runRule(rule, [toResource(args)], args.getConfig<RuleOptions>())) {
          reportViolation(message);
        }
      },
    };
  }
  return {
    ...policy,
    validateStack: ({ resources, getConfig }, reportViolation) => {
      const checked = resources.map((each) => toResource(each, each.dependencies));
      for (const { resource, message } of runRule(rule, checked, getConfig<RuleOptions>())) {
        reportViolation(message, resource);
      }
    },
  };
}

/** A resource of the engine for rules. Only the analysis of a complete stack knows its dependencies. */
function toResource(
  { urn, type, name, props }: Pick<ResourceValidationArgs, "urn" | "type" | "name" | "props">,
  dependencies: readonly PolicyResource[] = [],
): CheckedResource {
  return {
    id: urn,
    type,
    name,
    ancestors: ancestorsOf(urn),
    inputs: readKnownValues(props),
    dependencies: dependencies.map((each) => each.urn),
  };
}

/** The types of the parents, which a URN contains: `urn:pulumi:<stack>::<project>::<type>$<type>$<own type>::<name>`. */
function ancestorsOf(urn: string): readonly string[] {
  const [, , types = ""] = urn.split("::");
  return types.split("$").slice(0, -1);
}
