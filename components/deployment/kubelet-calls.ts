/** Calls of the kubelet to ports of a pod. A policy that denies them keeps the pod from becoming ready. */
import { peekPath } from "../inputs/outputs.ts";
import type { ContainerPort } from "../meshing/port-items.ts";

/** A probe or hook that calls a port. */
export interface KubeletCall {
  /** For messages: `a readinessProbe`, `a preStop hook`, `an HTTPS livenessProbe`. */
  readonly caller: string;
  /** Whether Linkerd recognizes it as a probe, on a port that is not opaque, and so exempts it from authorization. */
  readonly exempt: boolean;
}

const PROBES = ["readinessProbe", "livenessProbe", "startupProbe"];
const HOOKS = ["postStart", "preStop"];

/**
 * The calls of the kubelet to `ports`, by port.
 *
 * The kubelet has no identity. Linkerd exempts probes by their HTTP path, which the proxy sees only in plain HTTP on a
 * port that is not opaque. It exempts no other call of the kubelet (linkerd2,
 * policy-controller/k8s/index/src/inbound/workload.rs).
 *
 * @param template the pod template; containers inside an Output are not read
 */
export function findKubeletCalls<P extends ContainerPort>(
  template: unknown,
  ports: readonly P[],
): Map<P, KubeletCall[]> {
  const calls = new Map<P, KubeletCall[]>();
  for (const container of ["containers", "initContainers"].flatMap((field) =>
    containersOf(template, field),
  )) {
    for (const { target, ...call } of callsOf(container)) {
      const port = ports.find(
        ({ name, containerPort }) => target === containerPort || (name && target === name),
      );
      if (port !== undefined) calls.set(port, [...(calls.get(port) ?? []), call]);
    }
  }
  return calls;
}

function containersOf(template: unknown, field: string): unknown[] {
  const containers = peekPath(template, "spec", field);
  return Array.isArray(containers) ? containers : [];
}

/** The calls of one container to its own pod, each with the number or name of the port. */
function callsOf(container: unknown): (KubeletCall & { target: unknown })[] {
  const handlers = [
    ...PROBES.map((probe) => ({ caller: probe, path: [probe], isProbe: true })),
    ...HOOKS.map((hook) => ({ caller: `${hook} hook`, path: ["lifecycle", hook], isProbe: false })),
  ];
  return handlers.flatMap(({ caller, path, isProbe }) => {
    const grpc = peekPath(container, ...path, "grpc");
    const http = peekPath(container, ...path, "httpGet");
    const isHttps = peekPath(http, "scheme") === "HTTPS";
    return [
      ...(grpc ? [{ caller: `a gRPC ${caller}`, exempt: false, target: peekPath(grpc, "port") }] : []),
      // With a `host`, it calls something else than this pod.
      ...(http && peekPath(http, "host") === undefined
        ? [
            {
              caller: isHttps ? `an HTTPS ${caller}` : `a ${caller}`,
              exempt: isProbe && !isHttps,
              target: peekPath(http, "port"),
            },
          ]
        : []),
    ];
  });
}
