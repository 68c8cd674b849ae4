/** Violations of the policies, in what the program registers and in what the charts render. */
import { checkObjects, checkResources, type Finding } from "../../policy/rules/index.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import type { RecordedStack } from "../program/recorded-stack.ts";
import type { Violation } from "./report.ts";

/** Returns the violations of a stack. One that a resource and its object have appears once, with the resource. */
export function findViolations(
  { resources }: RecordedStack,
  objects: readonly KubernetesObject[],
): Violation[] {
  const findings = [...checkResources(resources), ...checkObjects(objects)];
  const keys = findings.map(({ rule, message }) => `${rule} ${message}`);
  return findings.filter((_, index) => keys.indexOf(keys[index] ?? "") === index).map(toViolation);
}

/** Whether one of the violations refuses a deployment. */
export function isRefused(violations: readonly Violation[]): boolean {
  return violations.some(({ level }) => level === "mandatory");
}

function toViolation({ resource, rule, message, enforcement }: Finding): Violation {
  return { object: resource, rule, message, level: enforcement };
}
