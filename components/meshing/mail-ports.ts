/**
 * Mail ports of a workload. An SMTP server sends its greeting first, and callers skip mail ports outbound, so their
 * connections arrive without TLS. If such a port is not opaque, the proxy waits 10 s for a client that waits for the
 * greeting, and then closes the connection.
 */
import { PortSet } from "../inputs/port-set.ts";
import { DEFAULT_OPAQUE_PORTS, MAIL_PORTS } from "../linkerd/values/ports.ts";
import { type ContainerPort, isTcp } from "./port-items.ts";

/** Numbers of the Service's ports by the name of the container port. */
export type ServicePortNumbers = Readonly<Record<string, number>>;

/** `smtp`, `smtps`, `submission`, `submissions` (IANA), their forms with a suffix, and `mail`, an alias of `smtp`. */
const MAIL_NAME = /^((smtps?|submissions?)(-.*)?|mail)$/;

/** Mail ports that not every mesh treats as opaque: a workload must list its own. */
export const EXTRA_MAIL_PORTS: PortSet = MAIL_PORTS.without(DEFAULT_OPAQUE_PORTS);

/** Whether a container port serves mail, by its number, its name or its number in the Service. */
export function isMailPort(port: ContainerPort, servicePort = port.containerPort): boolean {
  const { name = "", containerPort } = port;
  return (
    isTcp(port) && (MAIL_NAME.test(name) || MAIL_PORTS.has(containerPort) || MAIL_PORTS.has(servicePort))
  );
}

/** The container ports that serve mail. */
export function mailPorts(ports: readonly ContainerPort[], servicePorts: ServicePortNumbers = {}): PortSet {
  const mail = ports.filter((port) => isMailPort(port, servicePorts[port.name ?? ""]));
  return PortSet.of(...mail.map(({ containerPort }) => containerPort).filter(isValidPort));
}

/** Invalid container ports are reported where the ports are read. */
function isValidPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
