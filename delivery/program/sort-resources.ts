/** The order of recorded resources, which does not depend on the order in which the program registers them. */
import { compareText } from "../objects/compare-text.ts";
import type { RecordedResource } from "./recorded-stack.ts";

/** Sorts resources: a parent before its children, siblings by name, then by type. */
export function sortResources(resources: readonly RecordedResource[]): RecordedResource[] {
  const parents = new Map(resources.map(({ name, parent }) => [name, parent]));
  const pathOf = ({ name, parent }: RecordedResource): string => {
    const names = [name];
    // A child may have the name of its parent.
    for (let next = parent; next !== "" && !names.includes(next); next = parents.get(next) ?? "") {
      names.unshift(next);
    }
    return names.join("\0");
  };
  return resources
    .map((resource) => ({ resource, path: pathOf(resource) }))
    .sort((a, b) => compareText(a.path, b.path) || compareText(a.resource.type, b.resource.type))
    .map(({ resource }) => resource);
}
