/** Ports as callers list them: numbers, ranges, and names of container ports. */
import type * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../inputs/outputs.ts";
import { PortSet, readPortItem } from "../inputs/port-set.ts";
import { formatValue, type IssueCollector, type Path, type Reject } from "../inputs/validation.ts";
import type { PortItem } from "./mesh-options.ts";

/** The fields of a container's port that port lists depend on. */
export interface ContainerPort {
  name?: string | undefined;
  containerPort: number;
  /** @default "TCP" */
  protocol?: string | undefined;
}

/** Whether a container port is TCP, the only protocol that Linkerd proxies. */
export function isTcp({ protocol = "TCP" }: ContainerPort): boolean {
  return protocol === "TCP";
}

/** Whether an item can only be the name of a port: such a name has at least one letter (RFC 6335). */
export function isPortName(item: PortItem): item is string {
  return typeof item === "string" && /[a-z]/i.test(item);
}

/** The items of a port annotation in a manifest, parsed as leniently as Linkerd does. */
export function parseAnnotation(annotation: string): string[] {
  return annotation
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/**
 * Reads ports, ranges and names of container ports into one set. Rejects every invalid item, with its index as the
 * `path`.
 */
export function readPortItems(
  items: readonly PortItem[],
  ports: readonly ContainerPort[],
  reject: Reject,
): PortSet | undefined {
  const sets = items.map((item, index) => {
    const rejectItem: Reject = (issue) => reject({ ...issue, path: [index, ...(issue.path ?? [])] });
    return isPortName(item) ? readPortName(item, ports, rejectItem) : readPortItem(item, rejectItem);
  });
  const valid = sets.filter((set) => set !== undefined);
  return valid.length === sets.length ? PortSet.EMPTY.union(...valid) : undefined;
}

function readPortName(item: string, ports: readonly ContainerPort[], reject: Reject): PortSet | undefined {
  const port = ports.find(({ name }) => name === item);
  if (port !== undefined) return readPortItem(port.containerPort, reject);
  const names = ports.flatMap(({ name }) => name ?? []);
  return reject({
    reason: "must be a port, a range of ports, or the name of a container port",
    got: `${formatValue(item)} (${names.length === 0 ? "no container port has a name" : `container ports: ${names.join(", ")}`})`,
  });
}

/**
 * The container ports, for an argument that creates a resource for each of them. Adds an issue and returns `undefined`
 * if any of them is an Output.
 *
 * @param path the argument
 * @param purpose why the ports must be plain values: a sentence without its full stop
 */
export function requireKnownPorts(
  path: Path,
  ports: pulumi.Input<ContainerPort[]>,
  purpose: string,
  issues: IssueCollector,
): ContainerPort[] | undefined {
  const known = knownValue(ports);
  if (known === undefined) {
    issues.add({
      path,
      reason: "must be used with container ports that are plain values",
      got: "an Output",
      because: purpose,
      fixes: [{ kind: "instruction", text: "declare the ports of the containers as plain values" }],
    });
  }
  return known;
}
