/** Before the tests of a file, waits until the cluster has deleted what earlier files left to its garbage collector. */
import type { KubernetesObject } from "@kubernetes/client-node";
import { beforeAll, expect, vi } from "vitest";
import { list } from "./cluster.ts";

/** Kinds that other objects own, and that tests list before and after an operation. */
const KINDS: readonly [apiVersion: string, kind: string][] = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "DaemonSet"],
  ["apps/v1", "ReplicaSet"],
  ["batch/v1", "CronJob"],
  ["batch/v1", "Job"],
  ["v1", "Pod"],
];

beforeAll(async () => {
  await vi.waitFor(async () => expect(await findUncollected()).toEqual([]), {
    timeout: 60_000,
    interval: 500,
  });
});

/** Objects that are being deleted, or whose owner no longer exists. */
async function findUncollected(): Promise<string[]> {
  const found = await Promise.all(
    KINDS.map(([apiVersion, kind]) => list<KubernetesObject>(apiVersion, kind)),
  );
  const objects = found.flat().map(({ metadata }) => metadata ?? {});
  const uids = new Set(objects.map(({ uid }) => uid));
  return objects
    .filter(
      ({ deletionTimestamp, ownerReferences = [] }) =>
        deletionTimestamp !== undefined ||
        ownerReferences.some(({ uid, controller }) => controller && !uids.has(uid)),
    )
    .map(({ namespace, name }) => `${namespace}/${name}`);
}
