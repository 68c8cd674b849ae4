/** Conditions of objects. */
import type { V1Node, V1Pod } from "@kubernetes/client-node";

/** Whether a pod can receive requests, or a node pods. */
export function isReady({ status }: V1Pod | V1Node): boolean {
  return status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
