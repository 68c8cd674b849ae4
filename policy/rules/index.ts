/** The rules of the policy pack, for resources of a stack and for rendered manifests. */
export { checkObjects, checkResources } from "./check.ts";
export type { RecordedInputs, RenderedObject } from "./checked-resource.ts";
export type { Enforcement, Finding, RuleOptions } from "./rule.ts";
