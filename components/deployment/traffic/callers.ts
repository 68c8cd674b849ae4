/** The callers of `allowFrom`: one list for all ports, or one for each port. */
import { formatValue, type ValidationIssue } from "../../inputs/validation.ts";
import type { WorkloadIdentity } from "../../inputs/workload-identity.ts";
import type { ContainerPort } from "../../meshing/port-items.ts";

/** The callers of a port. `"all"` leaves it open to everyone, also to callers without an identity. */
export type PortCallers = readonly WorkloadIdentity[] | "all";

/** Callers of all ports, or callers by the name or number of the container port. */
export type AllowFrom = WorkloadIdentity[] | Record<string, WorkloadIdentity[] | "all">;

/** Whether the callers of a port are restricted, or everyone may call it. */
export type PortAccess = "restricted" | "open";

/** {@link PortAccess} of each port. `undefined` for a port without an entry. */
export function accessOf(allowFrom: AllowFrom | undefined): (port: ContainerPort) => PortAccess | undefined {
  const callers = callersOf(allowFrom);
  return (port) => {
    const own = callers(port);
    return own && (own === "all" ? "open" : "restricted");
  };
}

/** The callers of each port. `undefined` for a port without an entry. */
export function callersOf(
  allowFrom: AllowFrom | undefined,
): (port: ContainerPort) => PortCallers | undefined {
  if (allowFrom === undefined || Array.isArray(allowFrom)) return () => allowFrom as PortCallers | undefined;
  return (port) => Object.entries(allowFrom).find(([key]) => isPortKey(key, port))?.[1];
}

/** Whether a key names a port: by its name, or by its number. */
export function isPortKey(key: string, { name, containerPort }: ContainerPort): boolean {
  return key === name || key === String(containerPort);
}

/** The issue with a key that names no port. */
export function unknownPort(key: string, ports: readonly ContainerPort[]): Omit<ValidationIssue, "path"> {
  const known = [...new Set(ports.map(({ name, containerPort }) => name ?? containerPort))];
  return {
    reason: "must have the name or number of a container port",
    got: `${formatValue(key)} (container ports: ${known.join(", ") || "none"})`,
  };
}
