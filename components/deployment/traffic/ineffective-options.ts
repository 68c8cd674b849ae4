/** Options of the Service that would have no effect on a port, or contradict how it is meshed. */
import { type Fix, formatValue, type Path, type Reject } from "../../inputs/validation.ts";
import type { MeshedDeploymentArgs } from "../arguments.ts";
import type { OpaqueSource, PortRow, SkipSource } from "../port-table.ts";
import { declaredProtocol, isHttp, isOpaqueProtocol } from "./app-protocol.ts";

/** Why the proxies of callers do not read HTTP on a port. */
interface Obstacle {
  readonly reason: string;
  readonly got: string;
  readonly because: string;
  /** What to do besides removing the option. */
  readonly fix: string;
}

const OPAQUE_FIXES: Readonly<Record<OpaqueSource, string>> = {
  workload: "remove the port from mesh.opaquePorts",
  mesh: "use a container port that the mesh does not list in ports.opaque",
  defaults: "use a container port that is not opaque by default",
  mail: "use a container port, a Service port and a name that are not those of mail",
};

const SKIP_SOURCES: Readonly<Record<SkipSource, string>> = {
  workload: "which the workload skips",
  mesh: "which the mesh skips outbound",
  defaults: "which Linkerd skips outbound by default",
  proxy: "which is a port of the proxy",
};

/** The number of a port that callers skip outbound, with the reason, for messages. */
export function describeSkippedOutbound({ servicePort, containerPort, skippedOutbound }: PortRow): string {
  const moved = servicePort !== undefined && servicePort !== containerPort;
  const port = moved ? `Service port ${servicePort}` : `port ${containerPort}`;
  return `${port}, ${SKIP_SOURCES[skippedOutbound as SkipSource]}`;
}

/**
 * Why requests to a port are not read as `protocol` by the proxies of callers. `undefined` if they are, or if that is left
 * to protocol detection.
 */
export function findObstacle(row: PortRow, protocol: "HTTP" | "gRPC status codes"): Obstacle | undefined {
  const { containerPort, opaqueSource, skippedOutbound, appProtocol } = row;
  if (opaqueSource !== undefined) {
    return {
      reason: "must not be used with an opaque port",
      got: `port ${containerPort}`,
      because: `The proxy does not read ${protocol} on an opaque port`,
      fix: OPAQUE_FIXES[opaqueSource],
    };
  }
  if (skippedOutbound !== undefined) {
    return {
      reason: "must not be used with a port that callers skip outbound",
      got: describeSkippedOutbound(row),
      because: "The connection of a caller bypasses its proxy",
      fix: "move the port with service.ports",
    };
  }
  const isGrpcOverHttp1 = protocol !== "HTTP" && appProtocol?.toLowerCase() === "http";
  if (isHttp(appProtocol) && !isGrpcOverHttp1) return undefined;
  return {
    reason: `must not be used with a port whose appProtocol is not ${protocol === "HTTP" ? "HTTP" : "HTTP/2"}`,
    got: `port ${containerPort} with ${formatValue(appProtocol)}`,
    because: `The proxy does not read ${protocol} on such a port`,
    fix: "remove the port from service.appProtocol",
  };
}

/**
 * Rejects timeouts and retries for each port that declares HTTP on which they have no effect, and for all ports if they
 * have no effect on any. Ports that do not declare HTTP, e.g. that of a database, may be beside one that does.
 */
export function rejectIneffectiveTraffic(
  rows: readonly PortRow[],
  { timeouts, retries }: MeshedDeploymentArgs,
  reject: Reject,
): void {
  const served = rows.filter(({ protocol, servicePort }) => protocol === "TCP" && servicePort !== undefined);
  const rejectAll = (path: Path, ports: readonly PortRow[]) => {
    const hasEffect = ports.some((row) => findObstacle(row, "HTTP") === undefined);
    for (const row of ports) {
      const obstacle = findObstacle(row, "HTTP");
      if (obstacle === undefined || (hasEffect && !declaresHttp(row))) continue;
      const { fix, ...issue } = obstacle;
      const fixes: Fix[] = [{ kind: "remove" }, { kind: "instruction", text: fix }];
      reject({ path, ...issue, fixes });
    }
  };
  if (timeouts !== undefined) rejectAll(["timeouts"], served);
  // Ports with a GRPCRoute are checked with it.
  const notRouted = served.filter((row) => !row.retriesGrpc);
  if (retries?.http !== undefined) rejectAll(["retries", "http"], notRouted);
  else if (retries !== undefined && retries.grpc === undefined) rejectAll(["retries"], notRouted);
}

function declaresHttp({ name, ownAppProtocol }: PortRow): boolean {
  if (ownAppProtocol === undefined || ownAppProtocol === false) return declaredProtocol(name) !== undefined;
  return isHttp(ownAppProtocol);
}

/** Rejects an `appProtocol` of the caller that contradicts the list of opaque ports. */
export function rejectIneffectiveProtocols(rows: readonly PortRow[], reject: Reject): void {
  for (const { name, containerPort, ownAppProtocol, opaque, opaqueSource } of rows) {
    if (ownAppProtocol === undefined || ownAppProtocol === false) continue;
    const path = ["service", "appProtocol", name ?? String(containerPort)];
    if (opaque && isHttp(ownAppProtocol)) {
      reject({
        path,
        reason: "must not declare HTTP on an opaque port",
        got: `${formatValue(ownAppProtocol)} for port ${containerPort}`,
        because: "Callers would read HTTP on a port that the pods carry as plain TCP",
        fixes: [
          { kind: "remove" },
          { kind: "instruction", text: OPAQUE_FIXES[opaqueSource as OpaqueSource] },
        ],
      });
    } else if (!opaque && isOpaqueProtocol(ownAppProtocol)) {
      reject({
        path,
        reason: "must not declare an opaque port that mesh.opaquePorts does not contain",
        got: `${formatValue(ownAppProtocol)} for port ${containerPort}`,
        because: "Linkerd requires the same opaque ports on the pods and on the Service",
        fixes: [{ kind: "instruction", text: "list the port in mesh.opaquePorts" }, { kind: "remove" }],
      });
    }
  }
}
