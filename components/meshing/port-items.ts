/** Port lists as people write them (numbers, ranges, names) into port lists as Linkerd reads them. */
import type * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../inputs/outputs.ts";
import type { Mistakes } from "../inputs/validation.ts";
import { unionPorts } from "../linkerd/values/ports.ts";
import type { PortItem } from "./mesh-options.ts";

/** A container's port, as far as lists of ports need to know it. */
export interface ContainerPort {
  name?: string | undefined;
  containerPort: number;
  /** @default "TCP" */
  protocol?: string | undefined;
}

/** Whether it is a port of TCP, which goes without saying: what Linkerd has to do with. */
export function isTcp({ protocol = "TCP" }: ContainerPort): boolean {
  return protocol === "TCP";
}

/** The ports, where something is made for each and they have to be known for that; `made` says what, in a mistake. */
export function knownPorts(
  field: string,
  ports: pulumi.Input<ContainerPort[]>,
  made: string,
  mistakes: Mistakes,
): ContainerPort[] | undefined {
  const plain = knownValue(ports);
  if (plain === undefined) {
    mistakes.add(
      field,
      `the containers' ports are known only later, and ${made}. Give them as plain values.`,
    );
  }
  return plain;
}

/** Whether an item can only be the name of a port: such names hold a letter (RFC 6335). */
export function isPortName(item: PortItem): item is string {
  return typeof item === "string" && /[a-z]/i.test(item);
}

/** The items of an annotation that was written by hand, as leniently as Linkerd reads it. */
export function itemsOf(annotation: string): string[] {
  return annotation
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/**
 * The union of `defaults` (lists in Linkerd's form) and `items`, in Linkerd's form: sorted, each port once.
 * Throws a `RangeError` that tells of every item that is no port.
 */
export function portList(
  defaults: readonly string[],
  items: readonly PortItem[],
  ports: readonly ContainerPort[],
): string {
  const mistakes: string[] = [];
  const lists = items.map((item) => {
    try {
      return portItem(item, ports);
    } catch (error) {
      mistakes.push((error as RangeError).message);
      return "";
    }
  });
  if (mistakes.length > 0) throw new RangeError(mistakes.join(" "));
  return unionPorts(...defaults, ...lists);
}

function portItem(item: PortItem, ports: readonly ContainerPort[]): string {
  if (isPortName(item)) {
    const named = ports.find(({ name }) => name === item);
    if (named) return String(named.containerPort);
    const names = ports.flatMap(({ name }) => name ?? []);
    throw new RangeError(
      `${JSON.stringify(item)} is the name of no container's port. ` +
        (names.length === 0 ? "The containers name no port." : `The named ones are ${names.join(", ")}.`),
    );
  }
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(String(item)) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (!(from >= 1 && to >= 1 && from <= 65535 && to <= 65535)) {
    throw new RangeError(
      `${JSON.stringify(item)} is no port. Expected a number from 1 to 65535, a range such as "4000-4010", ` +
        `or the name of a container's port.`,
    );
  }
  if (from > to) {
    throw new RangeError(`${JSON.stringify(item)} runs backwards. Expected "${to}-${from}".`);
  }
  return String(item);
}
