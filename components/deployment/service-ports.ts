/** The ports of a Service: one for each port of the containers. */
import type * as k8s from "@pulumi/kubernetes";
import { formatValue, type Path, type Reader, type Reject } from "../inputs/validation.ts";
import type { DeclaredPort, PortRow } from "./port-table.ts";
import { isPortKey, unknownPort } from "./traffic/callers.ts";

type ServicePort = k8s.types.input.core.v1.ServicePort;

const MAX_PORT = 65_535;

/**
 * Rejects ports and protocols that the API server would reject, which it does late and without naming the argument.
 *
 * @param numbers `service.ports`
 * @param protocols `service.appProtocol`
 */
export function readServicePorts(
  numbers: Readonly<Record<string, number>> = {},
  protocols: Readonly<Record<string, string | false>> = {},
): Reader<DeclaredPort[], DeclaredPort[]> {
  return (ports, reject) => {
    if (ports.length === 0) {
      return reject({
        reason: "must be used with containers that declare ports",
        got: "no ports",
        fixes: [
          { kind: "instruction", text: "declare the ports of the containers in the spec" },
          { kind: "remove" },
        ],
      });
    }
    rejectUnknownNames(numbers, ports, reject);
    rejectProtocols(protocols, ports, reject);
    for (const { name, containerPort } of ports) {
      const moved = numbers[name ?? ""];
      rejectNoPort(containerPort, "must be used with container ports from", [], reject);
      if (moved !== undefined) rejectNoPort(moved, "must be a port from", ["ports", name ?? ""], reject);
    }
    rejectRepeated(
      ports.map(({ servicePort, protocol }) => `${servicePort}/${protocol}`),
      { reason: "must have each port once", fix: "move one of the container ports with service.ports" },
      reject,
    );
    rejectRepeated(
      ports.map((port) => servicePortName(port)),
      { reason: "must have a different name for each port", fix: "rename one of the container ports" },
      reject,
    );
    return ports;
  };
}

function rejectUnknownNames(
  numbers: Readonly<Record<string, number>>,
  ports: readonly DeclaredPort[],
  reject: Reject,
): void {
  const names = ports.flatMap(({ name }) => name ?? []);
  for (const name of Object.keys(numbers).filter((name) => !names.includes(name))) {
    reject({
      path: ["ports", name],
      reason: "must have the name of a container port",
      got: `${formatValue(name)} (container ports: ${names.join(", ") || "none has a name"})`,
    });
  }
}

/** A name of IANA, or one with the domain of an implementation (https://kubernetes.io/docs/concepts/services-networking/service/). */
const APP_PROTOCOL = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9]([-\w.]*[a-z0-9])?$/i;

function rejectProtocols(
  protocols: Readonly<Record<string, string | false>>,
  ports: readonly DeclaredPort[],
  reject: Reject,
): void {
  for (const [key, protocol] of Object.entries(protocols)) {
    const path = ["appProtocol", key];
    if (!ports.some((port) => isPortKey(key, port))) reject({ path, ...unknownPort(key, ports) });
    if (protocol === false || (typeof protocol === "string" && APP_PROTOCOL.test(protocol))) continue;
    reject({
      path,
      reason: 'must be an appProtocol, e.g. "http" or "kubernetes.io/h2c", or false to omit it',
      got: formatValue(protocol),
    });
  }
}

function rejectNoPort(port: number, requirement: string, path: Path, reject: Reject): void {
  if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) return;
  reject({ path, reason: `${requirement} 1 to ${MAX_PORT}`, got: formatValue(port) });
}

function rejectRepeated(
  items: readonly string[],
  { reason, fix }: { reason: string; fix: string },
  reject: Reject,
): void {
  const repeated = items.find((item, index) => items.indexOf(item) !== index);
  if (repeated === undefined) return;
  reject({ reason, got: `${repeated} twice`, fixes: [{ kind: "instruction", text: fix }] });
}

/**
 * The opaque ports by their numbers in the Service, in Linkerd's form. Without them, `undefined`, so the mesh's list
 * applies; empty if that list has the number that the Service moves a port to, which would make only the Service opaque.
 */
export function opaqueServicePorts(rows: readonly PortRow[]): string | undefined {
  const transparent = rows
    .filter(({ opaque, protocol }) => !opaque && protocol === "TCP")
    .map(({ servicePort }) => servicePort);
  // A UDP port, which no proxy sees, must not make the TCP port of the same number opaque.
  const opaque = rows.filter(
    ({ opaque, protocol, servicePort }) =>
      opaque && (protocol === "TCP" || !transparent.includes(servicePort)),
  );
  const isOpaqueOnServiceOnly = rows.some(
    ({ opaque, opaqueServiceNumber, servicePort, containerPort }) =>
      opaqueServiceNumber && !opaque && servicePort !== containerPort,
  );
  if (opaque.length === 0 && !isOpaqueOnServiceOnly) return undefined;
  return opaque.map(({ servicePort }) => servicePort).join(",");
}

export function servicePort(row: PortRow): ServicePort {
  const { name, containerPort, protocol, servicePort, appProtocol } = row;
  return {
    name: servicePortName(row),
    port: servicePort as number,
    targetPort: name ?? containerPort,
    protocol,
    ...(appProtocol !== undefined && { appProtocol }),
  };
}

/** A Service with several ports needs a name for each. TCP, the default, is not part of it. */
function servicePortName({ name, containerPort, protocol }: DeclaredPort): string {
  return (
    name ?? (protocol === "TCP" ? `port-${containerPort}` : `port-${containerPort}-${protocol.toLowerCase()}`)
  );
}
