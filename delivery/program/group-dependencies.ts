/** Dependencies on components. */
import type { RecordedResource } from "./recorded-stack.ts";

/**
 * The resources with the component in `dependsOn` in place of all resources below it. The SDK registers a dependency on a
 * component as one on each of them.
 */
export function groupDependencies(resources: readonly RecordedResource[]): RecordedResource[] {
  const children = Map.groupBy(resources, ({ parent }) => parent);
  const below = (name: string): string[] =>
    (children.get(name) ?? []).flatMap((child) =>
      children.has(child.name) ? below(child.name) : isComponent(child) ? [] : [child.name],
    );
  // Outer components first: they include the others.
  const components = resources
    .filter(isComponent)
    .map(({ name }) => ({ name, below: below(name) }))
    .filter(({ below }) => below.length > 1)
    .sort((a, b) => b.below.length - a.below.length);
  return resources.map((resource) => {
    let { dependsOn } = resource;
    for (const { name, below } of components) {
      if (below.every((each) => dependsOn.includes(each))) {
        dependsOn = [...dependsOn.filter((each) => !below.includes(each)), name];
      }
    }
    return { ...resource, dependsOn: [...dependsOn].sort() };
  });
}

/** Whether a resource is a component of this project: it has no object of its own. */
const isComponent = ({ type }: RecordedResource) => type.startsWith("linkerd-mesh:");
