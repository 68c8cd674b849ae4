/** The order of recorded resources, which does not depend on the order in which the program registers them. */
import type { RecordedResource } from "./recorded-stack.ts";

/** Sorts resources: a parent before its children, siblings by name, then by type. */
export function sortResources(resources: readonly RecordedResource[]): RecordedResource[] {
  const children = Map.groupBy(resources, ({ parent }) => parent);
  const visit = (parent: string): RecordedResource[] =>
    (children.get(parent) ?? [])
      .toSorted((a, b) => compare(a.name, b.name) || compare(a.type, b.type))
      .flatMap((resource) => [resource, ...(resource.name === parent ? [] : visit(resource.name))]);
  return visit("");
}

/** Compares by code units: the order of `localeCompare` depends on the machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
