/** Objects in the cluster, as messages name them. */
import type { ReleaseRef } from "../../cluster/helm-releases.ts";
import type { FoundChartObject, FoundRelease } from "./found-objects.ts";
import type { ObjectRef } from "./planned-objects.ts";

/** Releases by namespace, sorted, with the chart of those that exist. */
export function formatReleases(releases: readonly (ReleaseRef & Partial<FoundRelease>)[]): string[] {
  const sorted = releases.toSorted(
    (a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name),
  );
  const byNamespace = Map.groupBy(sorted, ({ namespace }) => namespace);
  return [...byNamespace].map(([namespace, inside]) => {
    const names = inside.map(({ name, chart, status }) =>
      chart === undefined ? name : `${name} (chart ${chart}, ${status})`,
    );
    return `Helm ${inside.length > 1 ? "releases" : "release"} ${join(names)} in namespace ${namespace}`;
  });
}

/** Objects by kind and namespace. */
export function formatObjects(objects: readonly ObjectRef[]): string[] {
  const groups = Map.groupBy(objects, ({ kind, namespace }) => [kind, namespace ?? ""].join("/"));
  return [...groups.values()].map((same) => {
    const { kind = "", namespace } = same[0] ?? {};
    const names = join(same.map(({ name }) => name));
    return `${kind}${same.length > 1 ? "s" : ""} ${names}${namespace ? ` in namespace ${namespace}` : ""}`;
  });
}

/** Objects of charts, by the release that Helm recorded in them. */
export function formatChartObjects(objects: readonly FoundChartObject[]): string {
  const owner = ({ release }: FoundChartObject) =>
    release
      ? `which belong to Helm release ${release.name} in namespace ${release.namespace}`
      : "which belong to no Helm release";
  const groups = [...Map.groupBy(objects, owner)];
  return groups.map(([clause, owned]) => `${join(formatObjects(owned))}, ${clause}`).join("; ");
}

/** `a`, `a and b`, `a, b and c`. */
export function join(words: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(words);
}
