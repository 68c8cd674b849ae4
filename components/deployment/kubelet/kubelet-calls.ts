/** Calls of the kubelet to ports of a pod. A policy that denies them keeps the pod from becoming ready. */
import { isDeferred, peekPath } from "../../inputs/outputs.ts";
import type { Path, ValidationIssue } from "../../inputs/validation.ts";
import { type ContainerPort, isTcp } from "../../meshing/port-items.ts";
import { exemptPath, requestedPath } from "./probe-paths.ts";

/** A probe or hook that calls a port. A TCP probe is not one: it only connects, which the proxy always accepts. */
export interface KubeletCall {
  /** For messages: `a readinessProbe`, `a preStop hook`, `an HTTPS livenessProbe`. */
  readonly caller: string;
  /** Where it is in the arguments. */
  readonly path: Path;
  /** The number of the port. */
  readonly port: number;
  /** Whether Linkerd recognizes it as a probe, on a port that is not opaque, and so exempts it from authorization. */
  readonly exempt: boolean;
  /** The path in the spec and the path that the kubelet requests, if Linkerd does not exempt a probe because they differ. */
  readonly differingPaths: { readonly written: string; readonly requested: string } | undefined;
}

const PROBES = ["readinessProbe", "livenessProbe", "startupProbe"];
const HOOKS = ["postStart", "preStop"];

/** A probe or hook of a container. */
interface Handler {
  readonly name: string;
  readonly path: Path;
  readonly isProbe: boolean;
  readonly handler: unknown;
  readonly ports: unknown;
}

/**
 * The calls of the kubelet to the pods of a template. Containers inside an Output are not read, nor are calls whose port
 * or path is one.
 *
 * The kubelet has no identity. Linkerd exempts GET requests to a port of an HTTP probe with the path of the probe, which
 * the proxy reads only in plain HTTP on a port that is not opaque. It exempts no other call of the kubelet (linkerd2,
 * policy-controller/k8s/index/src/inbound/workload.rs).
 */
export function listKubeletCalls(template: unknown): KubeletCall[] {
  const handlers = listHandlers(template);
  const exempt = new Set(handlers.flatMap(exemptRequest));
  return handlers.flatMap(({ name, path, isProbe, handler, ports }) => {
    const grpc = peekPath(handler, "grpc");
    const http = peekPath(handler, "httpGet");
    const port = resolvePort(peekPath(grpc ?? http, "port"), ports);
    // With a `host`, it calls something else than this pod.
    if (port === undefined || peekPath(http, "host")) return [];
    if (grpc) {
      return [{ caller: `a gRPC ${name}`, path, port, exempt: false, differingPaths: undefined }];
    }
    const written = peekPath(http, "path") ?? "";
    const scheme = peekPath(http, "scheme");
    if (typeof scheme === "string" && scheme.toUpperCase() === "HTTPS") {
      return [{ caller: `an HTTPS ${name}`, path, port, exempt: false, differingPaths: undefined }];
    }
    if (typeof written !== "string") {
      return isProbe ? [] : [{ caller: `a ${name}`, path, port, exempt: false, differingPaths: undefined }];
    }
    const requested = requestedPath(written);
    const isExempt = exempt.has(`${port} ${requested}`);
    const differingPaths = isProbe && !isExempt ? { written, requested } : undefined;
    return [{ caller: `a ${name}`, path, port, exempt: isExempt, differingPaths }];
  });
}

/** The calls to `ports`, by port. */
export function findKubeletCalls<P extends ContainerPort>(
  template: unknown,
  ports: readonly P[],
): Map<P, KubeletCall[]> {
  const calls = listKubeletCalls(template);
  const byPort = ports.map(
    (each) => [each, calls.filter(({ port }) => port === each.containerPort)] as const,
  );
  return new Map(byPort.filter(([, found]) => found.length > 0));
}

/** Issues with probes and hooks that fail in every pod, meshed or not. */
export function failingHandlers(template: unknown): ValidationIssue[] {
  return listHandlers(template).flatMap(({ path, isProbe, handler, ports }): ValidationIssue[] => {
    if (!isProbe && peekPath(handler, "tcpSocket")) {
      return [
        {
          path: [...path, "tcpSocket"],
          reason: "must be an exec, httpGet or sleep hook",
          got: "tcpSocket",
          because: "The kubelet does not support TCP hooks, so the hook would fail",
        },
      ];
    }
    const action = ["httpGet", "tcpSocket"].find((each) => peekPath(handler, each));
    const target = action && peekPath(handler, action, "port");
    if (typeof target !== "string" || isUnknown(ports) || findPort(target, ports)) return [];
    return [
      {
        path: [...path, action as string, "port"],
        reason: "must be a number or the name of a port of the same container",
        got: JSON.stringify(target),
        because: "The kubelet looks the name up in the container of the probe or hook",
        fixes: [
          { kind: "instruction", text: "use the number of the port" },
          { kind: "instruction", text: "declare a port of this name in the container" },
        ],
      },
    ];
  });
}

/** All probes and hooks of containers, and of init containers, which have them only as native sidecars. */
function listHandlers(template: unknown): Handler[] {
  return ["containers", "initContainers"].flatMap((field) => {
    const containers = peekPath(template, "spec", field);
    if (!Array.isArray(containers)) return [];
    return containers.flatMap((container: unknown, index) => {
      const at = (name: string, path: string[], isProbe: boolean): Handler[] => {
        const handler = peekPath(container, ...path);
        if (handler === undefined || handler === null || isDeferred(handler)) return [];
        const fullPath = ["spec", "template", "spec", field, index, ...path];
        return [{ name, path: fullPath, isProbe, handler, ports: peekPath(container, "ports") }];
      };
      return [
        ...PROBES.flatMap((probe) => at(probe, [probe], true)),
        ...HOOKS.flatMap((hook) => at(`${hook} hook`, ["lifecycle", hook], false)),
      ];
    });
  });
}

/** `<port> <path>` of the requests that Linkerd exempts because of a probe. It considers neither `host` nor `scheme`. */
function exemptRequest({ isProbe, handler, ports }: Handler): string[] {
  const http = isProbe ? peekPath(handler, "httpGet") : undefined;
  const port = resolvePort(peekPath(http, "port"), ports);
  const written = peekPath(http, "path") ?? "";
  const path = typeof written === "string" ? exemptPath(written) : undefined;
  return port === undefined || path === undefined ? [] : [`${port} ${path}`];
}

function resolvePort(target: unknown, ports: unknown): number | undefined {
  if (typeof target === "number") return target;
  const port = typeof target === "string" ? findPort(target, ports) : undefined;
  return port && isTcp(port) && !isDeferred(port.containerPort) ? port.containerPort : undefined;
}

/** The port of this name. Names are compared as the kubelet does (kubernetes, pkg/probe/util.go). */
function findPort(name: string, ports: unknown): ContainerPort | undefined {
  if (!Array.isArray(ports)) return undefined;
  return ports.find((port) => !isDeferred(port) && port.name === name);
}

function isUnknown(ports: unknown): boolean {
  if (isDeferred(ports)) return true;
  return Array.isArray(ports) && ports.some((port) => isDeferred(port) || isDeferred(port?.name));
}
