/** The namespace of a run: its name, its marks, and its deletion. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { V1Namespace, V1NamespaceList, V1PodList } from "@kubernetes/client-node";
import type { Connection } from "../cluster/connection.ts";

/** The label of the namespace of each run. Its value is the ID of the run. */
export const RUN_LABEL = "linkerd-mesh/verify";

/**
 * Annotation with the time, ISO 8601, at which the run has ended for certain. After it, the next run deletes the namespace.
 * A namespace that is kept has none.
 */
const UNTIL_ANNOTATION = "linkerd-mesh/verify-until";

/** Annotation with the time, ISO 8601, at which the last pod of a namespace that is being deleted was gone. */
const EMPTY_ANNOTATION = "linkerd-mesh/verify-empty";

/** How long a namespace must not exist until its deletion is complete: a request that creates it may be on its way. */
const GONE_MS = 2_000;

const POLL_MS = 500;

/** Grace period of the pods, which nobody uses any more. */
const GRACE_SECONDS = 1;

/** The namespace that a run creates. */
export interface RunNamespace {
  readonly name: string;
  readonly metadata: {
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
}

/** @param until the time at which the run has ended for certain; `undefined` for a namespace that is kept */
export function nameNamespace(until: Date | undefined): RunNamespace {
  const id = randomBytes(3).toString("hex");
  return {
    name: `linkerd-mesh-verify-${id}`,
    metadata: {
      labels: { [RUN_LABEL]: id },
      annotations: until === undefined ? {} : { [UNTIL_ANNOTATION]: until.toISOString() },
    },
  };
}

/** The command that deletes a namespace. */
export function deletionCommand(namespace: string, context: string | undefined): string {
  return `kubectl delete namespace ${namespace}${context === undefined ? "" : ` --context ${context}`}`;
}

/**
 * Deletes a namespace, and waits until it is gone. Rejects with what Kubernetes still waits for if that takes longer than
 * `limitMs`.
 *
 * The namespace controller waits 5 s after the deletion, then 5, 10, 20 and 40 s more while it finds pods. An update of the
 * namespace causes it to look again in 5 s (kubernetes, pkg/controller/namespace/namespace_controller.go).
 */
export async function deleteNamespace(connection: Connection, name: string, limitMs: number): Promise<void> {
  const path = `/api/v1/namespaces/${name}`;
  const deadline = Date.now() + limitMs;
  let goneSince: number | undefined;
  let isEmpty = false;
  while (goneSince === undefined || Date.now() - goneSince < GONE_MS) {
    const namespace = await connection.read<V1Namespace>(path);
    if (namespace === undefined) goneSince ??= Date.now();
    else {
      goneSince = undefined;
      if (!namespace.metadata?.deletionTimestamp) {
        await connection.read(path, { method: "DELETE" });
        for (const pod of await listPods(connection, path)) {
          await connection.read(`${pod}?gracePeriodSeconds=${GRACE_SECONDS}`, { method: "DELETE" });
        }
      } else if (!isEmpty && (await listPods(connection, path)).length === 0) {
        isEmpty = true;
        const annotations = { [EMPTY_ANNOTATION]: new Date().toISOString() };
        await connection.read(path, { method: "PATCH", patch: { metadata: { annotations } } });
      }
      if (Date.now() > deadline) throw new Error(describeRemaining(namespace, limitMs));
    }
    await sleep(POLL_MS);
  }
}

/** The paths of the pods of the namespace at `path`. */
async function listPods(connection: Connection, path: string): Promise<string[]> {
  const { items = [] } = (await connection.read<V1PodList>(`${path}/pods`)) ?? {};
  return items.map(({ metadata }) => `${path}/pods/${metadata?.name}`);
}

/** What keeps a namespace from being deleted (kubernetes, pkg/controller/namespace/deletion/status_condition_utils.go). */
function describeRemaining({ metadata, status }: V1Namespace, limitMs: number): string {
  const reasons = (status?.conditions ?? [])
    .filter(({ status }) => status === "True")
    .map(({ message }) => message);
  return `namespace ${metadata?.name}: must be deleted within ${limitMs / 1000} s, got: ${reasons.join(" ") || "it still exists"}`;
}

/** Starts the deletion of the namespaces of runs that ended without one, e.g. when their machine stopped. Returns their names. */
export async function deleteLeftovers(connection: Connection, now = new Date()): Promise<string[]> {
  const path = "/api/v1/namespaces";
  const { items = [] } =
    (await connection.read<V1NamespaceList>(`${path}?labelSelector=${encodeURIComponent(RUN_LABEL)}`)) ?? {};
  const leftover = items.filter(({ metadata }) => {
    const until = metadata?.annotations?.[UNTIL_ANNOTATION];
    return until !== undefined && new Date(until) < now && !metadata?.deletionTimestamp;
  });
  const names = leftover.flatMap(({ metadata }) => metadata?.name ?? []);
  for (const name of names) await connection.read(`${path}/${name}`, { method: "DELETE" });
  return names;
}
