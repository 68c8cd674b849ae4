/** The labels that a proxy itself gives to its metrics: linkerd2-proxy, linkerd/app/core/src/metrics.rs. */
import type { Labels } from "../../history.ts";
import type { Call } from "../facts.ts";
import { getIdentity, type Pod } from "../pods.ts";
import type { Workload } from "../workloads.ts";

export const ADMIN_PORT = 4191;

/** Where a connection of a proxy with its own application goes. */
export const LOOPBACK: Labels = { tls: "no_identity", no_tls_reason: "loopback" };

export const UNMESHED: Labels = { tls: "no_identity", no_tls_reason: "no_tls_from_remote" };

export function getPort({ workload }: Pod): number {
  return workload.port ?? 8080;
}

export function labelTarget(ip: string, port: number): Labels {
  const address = port === ADMIN_PORT ? "0.0.0.0" : ip;
  return { target_addr: `${address}:${port}`, target_ip: address, target_port: String(port) };
}

/** The client of inbound traffic: its identity, or why it has none. */
export function labelClient(workload: Workload): Labels {
  return workload.proxy === "none" ? UNMESHED : { tls: "true", client_id: getIdentity(workload) };
}

/** The Server of a port: one of its own, or the default of the namespace. */
export function labelServer({ workload }: Pod, port: number): Labels {
  if (workload.server !== undefined && port !== ADMIN_PORT) {
    const kind = { srv_group: "policy.linkerd.io", srv_kind: "server" };
    return { ...kind, srv_name: workload.server, srv_port: String(port) };
  }
  return { srv_kind: "default", srv_name: "all-unauthenticated", srv_port: String(port) };
}

export function labelInboundRoute(probe: boolean): Labels {
  return { route_kind: "default", route_name: probe ? "probe" : "default" };
}

/** The policy that allows a request. */
export function labelAuthorization({ workload }: Pod, port: number, probe: boolean): Labels {
  if (probe) return { authz_kind: "default", authz_name: "probe" };
  if (workload.server === undefined || port === ADMIN_PORT) {
    return { authz_kind: "default", authz_name: "all-unauthenticated" };
  }
  const kind = { authz_group: "policy.linkerd.io", authz_kind: "authorizationpolicy" };
  return { ...kind, authz_name: `${workload.server}-clients` };
}

/**
 * The endpoint of outbound traffic, as the destination controller describes it (linkerd2 pkg/k8s/labels.go). It knows the
 * owner of a CronJob's pod.
 */
export function labelEndpoint(pod: Pod): Labels {
  const { workload, labels } = pod;
  const { namespace, name, serviceAccount = "default" } = workload;
  return {
    authority: `${name}.${namespace}.svc.cluster.local`,
    ...labelTarget(pod.ip, getPort(pod)),
    ...{ tls: "true", server_id: getIdentity(workload) },
    ...{ dst_control_plane_ns: "linkerd", dst_namespace: namespace, dst_pod: pod.name },
    ...{ dst_service: name, dst_serviceaccount: serviceAccount, dst_zone_locality: "unknown" },
    // linkerd2 pkg/k8s/k8s.go, KindToL5DLabel: the label of a Job is not its kind.
    ...(workload.kind === "pod"
      ? {}
      : { [`dst_${workload.kind === "job" ? "k8s_job" : workload.kind}`]: name }),
    ...(labels.pod_template_hash === undefined ? {} : { dst_pod_template_hash: labels.pod_template_hash }),
  };
}

/** An endpoint that the destination controller does not know. */
export function labelExternal(authority: string, ip: string, port: number): Labels {
  const address = { target_addr: `${ip}:${port}`, target_ip: ip, target_port: String(port) };
  return { authority, ...address, tls: "no_identity", no_tls_reason: "not_provided_by_service_discovery" };
}

/** The Service that outbound traffic is sent to. */
export function labelParent(
  { namespace, name, port = 8080 }: Workload,
  prefix: "parent" | "backend",
): Labels {
  return {
    ...{ [`${prefix}_group`]: "core", [`${prefix}_kind`]: "Service", [`${prefix}_namespace`]: namespace },
    ...{ [`${prefix}_name`]: name, [`${prefix}_port`]: String(port) },
  };
}

/** The route of outbound traffic. Without one of its own, the proxy creates one. */
export function labelOutboundRoute({ route, protocol = "http" }: Call, { namespace }: Workload): Labels {
  if (route === undefined) return { route_kind: "default", route_name: protocol };
  const kind = protocol === "grpc" ? "GRPCRoute" : "HTTPRoute";
  return {
    ...{ route_group: "gateway.networking.k8s.io", route_kind: kind },
    ...{ route_namespace: namespace, route_name: route },
  };
}
