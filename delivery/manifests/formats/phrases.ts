/** Words that the formats for readers share. */
import { countPods, joinNames } from "../../markdown/phrases.ts";
import type { Restart } from "../../objects/object-changes.ts";
import { isChecksum } from "../report.ts";

/** Number of causes that a line names. */
const MAX_CAUSES = 3;
/** Number of objects that a line names. */
const MAX_OBJECTS = 4;

/** The pods of a workload and its disruption budget, e.g. `3 pods, budget linkerd-destination (maxUnavailable 1)`. */
export function describePods({ pods, budget }: Restart): string {
  return budget === undefined ? countPods(pods) : `${countPods(pods)}, budget ${budget}`;
}

/** The first causes of a change. Checksums are left out if they are not the only cause. */
export function firstCauses(because: readonly string[]): {
  readonly paths: readonly string[];
  readonly more: number;
} {
  const fields = because.filter((path) => !isChecksum(path));
  const causes = fields.length > 0 ? fields : because;
  return { paths: causes.slice(0, MAX_CAUSES), more: Math.max(0, causes.length - MAX_CAUSES) };
}

/** The path of a field in a pod template, without the path of the pod. */
export function shortenPath(path: string): string {
  return path.replace(/^spec\.template\.(spec\.)?/, "");
}

/** The first objects of a list, e.g. `Role a/b, Role a/c and 3 more`. */
export function nameObjects(objects: readonly string[]): string {
  const more = objects.length - MAX_OBJECTS;
  return joinNames([...objects.slice(0, MAX_OBJECTS), ...(more > 0 ? [`${more} more`] : [])]);
}

/** Joins objects of one kind and namespace, e.g. `Role linkerd: a, b`. A single one is `Role linkerd/a`. */
export function groupNames(objects: readonly string[]): string[] {
  const groups = Map.groupBy(objects, (object) => object.replace(/[ /][^ /]*$/, ""));
  return [...groups].map(([group, members]) =>
    members.length === 1
      ? (members[0] ?? "")
      : `${group}: ${members.map((object) => object.slice(group.length + 1)).join(", ")}`,
  );
}

/** The first digits of a commit. */
export function shortenCommit(commit: string): string {
  return commit.slice(0, 12);
}
