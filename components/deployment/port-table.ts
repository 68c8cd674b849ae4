/**
 * How the mesh treats each port of a workload: one row for each port of its containers. The Service, the policies, the
 * GRPCRoutes and their checks read this table.
 *
 * A row is built in two steps. {@link declarePorts} needs the ports themselves, and decides which resources exist.
 * {@link completePorts} needs the port lists in force as well, which may be known only during `up`.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { PortSet } from "../inputs/port-set.ts";
import { DEFAULT_SKIP_PORTS, type MeshPortSets, PROXY_PORTS } from "../linkerd/values/ports.ts";
import { type ContainerPort, isTcp } from "../meshing/port-items.ts";
import { findKubeletCalls, type KubeletCall } from "./kubelet/kubelet-calls.ts";

/** The columns that depend on the pod template and the options. */
export interface DeclaredPort {
  readonly name: string | undefined;
  readonly containerPort: number;
  /** `TCP`, `UDP` or `SCTP`. */
  readonly protocol: string;
  /** Its number in the Service. `undefined` without a Service. */
  readonly servicePort: number | undefined;
  /** Probes and hooks with which the kubelet calls this port through the proxy. */
  readonly kubeletCalls: readonly KubeletCall[];
  /** Whether the workload skips the port inbound, by a value that is not an Output. */
  readonly skippedByWorkload: boolean;
  /** Whether `allowFrom` restricts its callers: a TCP port that reaches the proxy. */
  readonly authorized: boolean;
  /** Whether `retries.grpc` applies: a TCP port whose name declares gRPC. */
  readonly retriesGrpc: boolean;
}

/**
 * The setting due to which a port bypasses a proxy: an option or annotation of the workload, the port lists of its mesh,
 * Linkerd's defaults, or the proxy itself, which serves its admin and control ports.
 */
export type SkipSource = "workload" | "mesh" | "defaults" | "proxy";

/** Application protocols of Service ports that Linkerd recognizes. */
export type AppProtocol = "http" | "kubernetes.io/h2c";

/** A complete row. */
export interface PortRow extends DeclaredPort {
  /** Why inbound connections bypass the workload's proxy. Known only with the `skipInbound` list in force. */
  readonly skippedInbound: SkipSource | undefined;
  /** Why connections bypass the proxies of meshed callers. Their own annotations are not known here. */
  readonly skippedOutbound: SkipSource | undefined;
  /** Whether the workload's proxy forwards it as plain TCP, without protocol detection. */
  readonly opaque: boolean;
  /** `appProtocol` of the Service port. `undefined` leaves it to protocol detection. */
  readonly appProtocol: AppProtocol | undefined;
}

/** The ports of a workload, before and after the port lists in force are known. */
export interface WorkloadPorts {
  /** An Output only if the container ports are. */
  readonly declared: pulumi.Input<DeclaredPort[]>;
  /** The complete table. An Output if the annotations of the pods or the lists of the mesh are, too. */
  readonly table: pulumi.Input<PortRow[]>;
}

/** What {@link declarePorts} needs besides the ports. */
export interface PortContext {
  /** The pod template. Probes and hooks inside Outputs are not found. */
  readonly template: unknown;
  /** Numbers of the Service's ports by the name of the container port. `undefined` without a Service. */
  readonly servicePorts: Readonly<Record<string, number>> | undefined;
  /** Ports that the workload skips inbound, as far as they are not Outputs. */
  readonly skipInbound: PortSet;
  /** Whether `allowFrom` is set. */
  readonly restrictsCallers: boolean;
  /** Whether `retries.grpc` is set. */
  readonly retriesGrpc: boolean;
}

/** The port lists in force for the pods, and those of their mesh. */
export interface PortLists {
  readonly opaque: PortSet;
  /** `undefined` if nothing depends on it. */
  readonly skipInbound: PortSet | undefined;
  readonly mesh: MeshPortSets;
}

/** The columns that depend on the pod template and the options, for each port. */
export function declarePorts(ports: readonly ContainerPort[], context: PortContext): DeclaredPort[] {
  const { servicePorts, skipInbound, restrictsCallers, retriesGrpc } = context;
  const reachesProxy = (port: ContainerPort) => isTcp(port) && !skipInbound.has(port.containerPort);
  const calls = findKubeletCalls(context.template, ports.filter(reachesProxy));
  return ports.map((port) => {
    const { name, containerPort, protocol = "TCP" } = port;
    return {
      name,
      containerPort,
      protocol,
      servicePort: servicePorts && (servicePorts[name ?? ""] ?? containerPort),
      kubeletCalls: calls.get(port) ?? [],
      skippedByWorkload: skipInbound.has(containerPort),
      authorized: restrictsCallers && reachesProxy(port),
      retriesGrpc: retriesGrpc && servicePorts !== undefined && isTcp(port) && isGrpc(name),
    };
  });
}

/** The complete rows, in the same order. */
export function completePorts(ports: readonly DeclaredPort[], lists: PortLists): PortRow[] {
  return ports.map((port) => {
    const opaque = lists.opaque.has(port.containerPort);
    return {
      ...port,
      skippedInbound: inboundSkipSource(port, lists),
      skippedOutbound: outboundSkipSource(port, lists.mesh),
      opaque,
      // On an outbound opaque port, an `appProtocol` would take precedence (linkerd2, policy-controller, outbound/index.rs).
      appProtocol: opaque ? undefined : declaredProtocol(port.name),
    };
  });
}

function inboundSkipSource(
  { containerPort, skippedByWorkload }: DeclaredPort,
  { skipInbound, mesh }: PortLists,
): SkipSource | undefined {
  if (skippedByWorkload) return "workload";
  if (PROXY_PORTS.has(containerPort)) return "proxy";
  if (!skipInbound?.has(containerPort)) return undefined;
  if (DEFAULT_SKIP_PORTS.has(containerPort)) return "defaults";
  return mesh.skipInbound.has(containerPort) ? "mesh" : "workload";
}

/** Callers connect to the Service's port if there is a Service. */
function outboundSkipSource(
  { servicePort, containerPort }: DeclaredPort,
  mesh: MeshPortSets,
): SkipSource | undefined {
  const port = servicePort ?? containerPort;
  if (!mesh.skipOutbound.has(port)) return undefined;
  return DEFAULT_SKIP_PORTS.has(port) ? "defaults" : "mesh";
}

/** `http…` declares HTTP/1; `h2c…`, `http2…` and `grpc…` declare HTTP/2. */
function declaredProtocol(name = ""): AppProtocol | undefined {
  if (isGrpc(name) || /^(h2c|http2)(-|$)/.test(name)) return "kubernetes.io/h2c";
  return /^http(-|$)/.test(name) ? "http" : undefined;
}

/** Whether the name of a port declares gRPC: `grpc` or `grpc-…`. */
function isGrpc(name = ""): boolean {
  return /^grpc(-|$)/.test(name);
}
