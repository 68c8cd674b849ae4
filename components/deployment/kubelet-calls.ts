/** What the kubelet calls of a pod by itself: policy has to let it in, or the pod never becomes ready. */
import { peekPath } from "../inputs/outputs.ts";
import type { ContainerPort } from "../meshing/port-items.ts";

/** A call of the kubelet's to a guarded port. */
export interface KubeletCall {
  /** The field that asks for it, e.g. `readinessProbe`. */
  by: string;
  port: number;
  /** Why it finds no way in, whatever the port carries. */
  refused: string | undefined;
}

/** Where a container says what the kubelet is to call. */
const KUBELET_CALLS: readonly (readonly string[])[] = [
  ["readinessProbe"],
  ["livenessProbe"],
  ["startupProbe"],
  ["lifecycle", "postStart"],
  ["lifecycle", "preStop"],
];

/**
 * The calls of the pods' containers to guarded ports. The kubelet has no identity: Linkerd lets its probes in by their
 * paths, which it sees in plain HTTP on a port that is not opaque, and nothing else of it (linkerd2,
 * policy-controller/k8s/index/src/inbound/workload.rs).
 */
export function kubeletCalls(template: unknown, guarded: readonly ContainerPort[]): KubeletCall[] {
  const containers = ["containers", "initContainers"].flatMap((field) => {
    const list = peekPath(template, "spec", field);
    return Array.isArray(list) ? list : [];
  });
  return containers.flatMap((container) =>
    KUBELET_CALLS.flatMap((path) =>
      ["grpc", "httpGet"].flatMap((handler) => {
        const {
          port: asked,
          host,
          scheme,
        } = (peekPath(container, ...path, handler) ?? {}) as Record<string, unknown>;
        const called = guarded.find(
          ({ name, containerPort }) => asked === containerPort || (name && asked === name),
        );
        if (called === undefined || host !== undefined) return [];
        const by = path.at(-1) as string;
        return [{ by, port: called.containerPort, refused: refusal(handler, scheme, path.length > 1) }];
      }),
    ),
  );
}

function refusal(handler: string, scheme: unknown, isHook: boolean): string | undefined {
  if (handler === "grpc") return "by gRPC, and the kubelet has no identity to be let in by";
  if (scheme === "HTTPS") return "by HTTPS, in which Linkerd sees no probe to let in";
  return isHook ? "and is no probe, and Linkerd lets in nothing else of the kubelet" : undefined;
}
