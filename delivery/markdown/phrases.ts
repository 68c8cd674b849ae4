/** Words that the documents for readers share. */

/** Joins names: `dev`, `dev and prod`, `dev, test and prod`. */
export function joinNames(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

/** A number with its noun: `1 pod`, `3 pods`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** The number of pods of a workload, or `undefined` for a DaemonSet, which has one on each node. */
export function countPods(pods: number | undefined): string {
  return pods === undefined ? "one pod on each node" : count(pods, "pod");
}
