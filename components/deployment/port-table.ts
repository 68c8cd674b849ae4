/**
 * How the mesh treats each port of a workload: one row for each port of its containers. The Service, the policies, the
 * GRPCRoutes and their checks read this table.
 *
 * A row is built in two steps. {@link declarePorts} needs the ports themselves, and decides which resources exist.
 * {@link completePorts} needs the port lists in force as well, which may be known only during `up`.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { PortSet } from "../inputs/port-set.ts";
import {
  DEFAULT_OPAQUE_PORTS,
  DEFAULT_SKIP_PORTS,
  type MeshPortSets,
  PROXY_PORTS,
} from "../linkerd/values/ports.ts";
import { isMailPort } from "../meshing/mail-ports.ts";
import { type ContainerPort, isTcp } from "../meshing/port-items.ts";
import { findKubeletCalls, type KubeletCall } from "./kubelet/kubelet-calls.ts";
import { declaredProtocol, isGrpc } from "./traffic/app-protocol.ts";
import type { PortAccess } from "./traffic/callers.ts";

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
  /** Who may call it, by `allowFrom`. Only for a TCP port that reaches the proxy. */
  readonly access: PortAccess | undefined;
  /** Whether `allowFrom` restricts its callers. */
  readonly authorized: boolean;
  /** Whether it serves mail, by its number, its name or its number in the Service. */
  readonly mail: boolean;
  /** Its `appProtocol` in `service.appProtocol`; `false` omits it. */
  readonly ownAppProtocol: string | false | undefined;
  /** Whether `retries.grpc` applies: a TCP port whose name declares gRPC. */
  readonly retriesGrpc: boolean;
}

/**
 * The setting due to which a port bypasses a proxy: an option or annotation of the workload, the port lists of its mesh,
 * Linkerd's defaults, or the proxy itself, which serves its admin and control ports.
 */
export type SkipSource = "workload" | "mesh" | "defaults" | "proxy";

/** The setting due to which a port is opaque: as {@link SkipSource}, or because it is a mail port. */
export type OpaqueSource = "workload" | "mesh" | "defaults" | "mail";

/** A complete row. */
export interface PortRow extends DeclaredPort {
  /** Why inbound connections bypass the workload's proxy. Complete only in `WorkloadPorts.inbound`. */
  readonly skippedInbound: SkipSource | undefined;
  /** Why connections bypass the proxies of meshed callers. Their own annotations are not known here. */
  readonly skippedOutbound: SkipSource | undefined;
  /** Whether the workload's proxy forwards it as plain TCP, without protocol detection. */
  readonly opaque: boolean;
  /** Why it is opaque. */
  readonly opaqueSource: OpaqueSource | undefined;
  /** Whether the mesh's list has its number in the Service, and so applies to a Service without a list of its own. */
  readonly opaqueServiceNumber: boolean;
  /** `appProtocol` of the Service port. `undefined` leaves it to protocol detection. */
  readonly appProtocol: string | undefined;
}

/** The ports of a workload, before and after the port lists in force are known. */
export interface WorkloadPorts {
  /** An Output only if the container ports are. */
  readonly declared: pulumi.Input<DeclaredPort[]>;
  /** The complete table. An Output if the annotations of the pods or the lists of the mesh are, too. */
  readonly table: pulumi.Input<PortRow[]>;
  /**
   * The table with `skippedInbound`. It is a value of its own, so that an Output in `mesh.skipInboundPorts` does not make
   * the Service unknown in a preview. Empty without `allowFrom`, which alone reads it.
   */
  readonly inbound: pulumi.Input<PortRow[]>;
}

/** What {@link declarePorts} needs besides the ports. */
export interface PortContext {
  /** The pod template. Probes and hooks inside Outputs are not found. */
  readonly template: unknown;
  /** Numbers of the Service's ports by the name of the container port. `undefined` without a Service. */
  readonly servicePorts: Readonly<Record<string, number>> | undefined;
  /** Ports that the workload skips inbound, as far as they are not Outputs. */
  readonly skipInbound: PortSet;
  /** `service.appProtocol`: protocols by the name or number of the container port. */
  readonly appProtocols?: Readonly<Record<string, string | false>> | undefined;
  /** Who may call a port, by `allowFrom`. */
  readonly accessOf: (port: ContainerPort) => PortAccess | undefined;
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
  const { servicePorts, appProtocols = {}, skipInbound, accessOf, retriesGrpc } = context;
  const reachesProxy = (port: ContainerPort) => isTcp(port) && !skipInbound.has(port.containerPort);
  const calls = findKubeletCalls(context.template, ports.filter(reachesProxy));
  return ports.map((port) => {
    const { name, containerPort, protocol = "TCP" } = port;
    const servicePort = servicePorts && (servicePorts[name ?? ""] ?? containerPort);
    const own = appProtocols[name ?? ""] ?? appProtocols[containerPort];
    const access = reachesProxy(port) ? accessOf(port) : undefined;
    return {
      name,
      containerPort,
      protocol,
      servicePort,
      kubeletCalls: calls.get(port) ?? [],
      skippedByWorkload: skipInbound.has(containerPort),
      access,
      authorized: access === "restricted",
      mail: isMailPort(port, servicePort),
      // Any other value is reported with the Service.
      ownAppProtocol: typeof own === "string" || own === false ? own : undefined,
      retriesGrpc: retriesGrpc && servicePorts !== undefined && isTcp(port) && isGrpc(name),
    };
  });
}

/** The complete rows, in the same order. */
export function completePorts(ports: readonly DeclaredPort[], lists: PortLists): PortRow[] {
  return ports.map((port) => {
    const opaque = lists.opaque.has(port.containerPort);
    const { name, protocol, servicePort, ownAppProtocol } = port;
    return {
      ...port,
      skippedInbound: inboundSkipSource(port, lists),
      skippedOutbound: outboundSkipSource(port, lists.mesh),
      opaque,
      opaqueSource: opaque ? opaqueSource(port, lists.mesh) : undefined,
      opaqueServiceNumber:
        protocol === "TCP" && servicePort !== undefined && lists.mesh.opaque.has(servicePort),
      // On an outbound opaque port, an `appProtocol` would take precedence (linkerd2, policy-controller, outbound/index.rs).
      appProtocol:
        ownAppProtocol === undefined
          ? opaque
            ? undefined
            : declaredProtocol(name)
          : ownAppProtocol || undefined,
    };
  });
}

/** The rows with `skippedInbound`, from the ports that the pods and their mesh skip inbound. */
export function addInboundSkips(rows: readonly PortRow[], lists: InboundLists): PortRow[] {
  return rows.map((row) => ({ ...row, skippedInbound: inboundSkipSource(row, lists) }));
}

interface InboundLists {
  readonly skipInbound: PortSet | undefined;
  readonly mesh: Pick<MeshPortSets, "skipInbound">;
}

function inboundSkipSource(
  { containerPort, skippedByWorkload }: DeclaredPort,
  { skipInbound, mesh }: InboundLists,
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

function opaqueSource({ containerPort, mail }: DeclaredPort, mesh: MeshPortSets): OpaqueSource {
  if (DEFAULT_OPAQUE_PORTS.has(containerPort)) return "defaults";
  if (mail) return "mail";
  return mesh.opaque.has(containerPort) ? "mesh" : "workload";
}
