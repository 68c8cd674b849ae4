/** Compares a stack, as the program of this working tree creates it, with a commit or with its cluster. */
import { parseGolden } from "../golden/golden-file.ts";
import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import type { RecordedResource, RecordedStack } from "../program/recorded-stack.ts";
import { findChangedBy } from "./drift/changed-by.ts";
import { readLiveStack } from "./drift/read-live.ts";
import { openStackCluster, toManifestsError } from "./drift/stack-cluster.ts";
import { findViolations, markNew } from "./find-violations.ts";
import { type Commit, readGolden } from "./golden-at-ref.ts";
import { type RenderRelease, renderStack } from "./render/render-stack.ts";
import { createReport, type Report, type Snapshot } from "./report.ts";

/** Compares with the golden file of a commit, rendered with the charts of its versions. */
export async function compareWithCommit(
  stack: RecordedStack,
  { ref, commit, head }: { ref: string; commit: Commit; head: string | undefined },
  renderRelease: RenderRelease,
): Promise<Report> {
  const old = parseGolden(await readGolden(stack.stack, ref, commit));
  const [before, after] = await Promise.all([
    renderStack(old, renderRelease),
    renderStack(stack, renderRelease),
  ]);
  return createReport({
    stack: stack.stack,
    against: ref,
    commit: head,
    before: toSnapshot(before, old.resources),
    after: toSnapshot(after, stack.resources),
    violations: markNew(findViolations(stack, after), findViolations(old, before)),
  });
}

/** Compares with the objects in the cluster of the stack. Sends only requests that read. */
export async function compareWithCluster(
  stack: RecordedStack,
  renderRelease: RenderRelease,
): Promise<Report> {
  const cluster = await openStackCluster(stack.stack);
  const { live, rendered, managers } = await readLiveStack(cluster, stack, renderRelease).catch((error) => {
    throw toManifestsError(error);
  });
  return createReport({
    stack: stack.stack,
    against: "the cluster",
    before: toSnapshot(live, []),
    after: toSnapshot(rendered, []),
    violations: findViolations(stack, rendered),
    findChangedBy: (changed) => findChangedBy(changed, managers),
  });
}

function toSnapshot(objects: readonly KubernetesObject[], resources: readonly RecordedResource[]): Snapshot {
  return {
    objects,
    resources: resources.map((resource) => ({ ...resource, options: { ...resource.options } })),
  };
}
