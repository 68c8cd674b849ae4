/** Violations of the policies, in what the program registers and in what the charts render. */
import { checkObjects, checkResources, type Finding } from "../../policy/rules/index.ts";
import { formatObject, type KubernetesObject } from "../objects/kubernetes-object.ts";
import { formatResource } from "../objects/program-resource.ts";
import type { RecordedStack } from "../program/recorded-stack.ts";
import { toObject } from "./render/program-object.ts";
import type { Violation } from "./report.ts";

/** Returns the violations of a stack. One that a resource and the object that it creates have appears once. */
export function findViolations(
  { resources }: RecordedStack,
  objects: readonly KubernetesObject[],
): Violation[] {
  const names = new Map(
    resources.map((resource) => {
      const object = toObject(resource);
      const { type, name } = resource;
      return [`${type} ${name}`, object === undefined ? formatResource(resource) : formatObject(object)];
    }),
  );
  const violations = [...checkResources(resources), ...checkObjects(objects)].map((finding) =>
    toViolation(finding, names),
  );
  return [...new Map(violations.map((violation) => [identify(violation), violation])).values()];
}

/**
 * Marks the violations that `before` does not have, and lists them first. A violation of the same object whose message
 * differs, for example because of another value, is new.
 */
export function markNew(violations: readonly Violation[], before: readonly Violation[]): Violation[] {
  const known = new Set(before.map(identify));
  const marked = violations.map((violation) => ({ ...violation, isNew: !known.has(identify(violation)) }));
  return marked.toSorted((a, b) => Number(b.isNew) - Number(a.isNew));
}

/**
 * Whether one of the violations is a reason to fail: a mandatory one. In a comparison with a commit, only a new one is,
 * because a pull request does not have to correct what its base violates. `up` refuses both.
 */
export function isRefused(violations: readonly Violation[]): boolean {
  return violations.some(({ level, isNew = true }) => level === "mandatory" && isNew);
}

function toViolation(
  { resource, rule, message, enforcement }: Finding,
  names: ReadonlyMap<string, string>,
): Violation {
  return { object: names.get(resource) ?? resource, rule, message, level: enforcement };
}

const identify = ({ object, rule, message }: Violation) => JSON.stringify([object, rule, message]);
