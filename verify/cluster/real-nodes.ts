/** Whether pods of the cluster run: the checks observe processes, which simulated nodes do not start. */
import type { V1Node, V1NodeList } from "@kubernetes/client-node";
import { VerifyError } from "../verify-error.ts";
import { isReady } from "./conditions.ts";
import type { Connection } from "./connection.ts";

/** Throws a {@link VerifyError} unless the cluster has a ready Linux node that is not simulated. */
export async function requireRealNode(connection: Connection): Promise<void> {
  const { items = [] } = (await connection.read<V1NodeList>("/api/v1/nodes")) ?? {};
  const ready = items.filter((node) => isLinux(node) && isReady(node));
  if (ready.some((node) => !isSimulated(node))) return;
  const got =
    ready.length > 0
      ? `${ready.length} simulated nodes, on which no container starts`
      : `none among ${items.length} nodes`;
  throw new VerifyError(`cluster: must have a ready Linux node that runs containers, got ${got}.`);
}

/** Whether kwok simulates the node (kwok, charts and docs: the annotation, and the version that it reports). */
function isSimulated({ metadata, status }: V1Node): boolean {
  return (
    metadata?.annotations?.["kwok.x-k8s.io/node"] !== undefined ||
    (status?.nodeInfo?.kubeletVersion.includes("kwok") ?? false)
  );
}

function isLinux({ metadata }: V1Node): boolean {
  return metadata?.labels?.["kubernetes.io/os"] === "linux";
}
