/** The port annotations of pods and namespaces. Each replaces a list of the mesh, so each is a union with that list. */
import type * as pulumi from "@pulumi/pulumi";
import { containsOutput, isDeferred, knownValue } from "../inputs/outputs.ts";
import { PortSet } from "../inputs/port-set.ts";
import {
  formatValue,
  type IssueCollector,
  type Path,
  type Reader,
  type Reject,
} from "../inputs/validation.ts";
import {
  ALWAYS_SKIPPED_PORTS,
  alwaysSkipped,
  MAIL_PORTS,
  type MeshPorts,
  meshPorts,
  NEVER_OPAQUE,
} from "../linkerd/values/ports.ts";
import { EXTRA_MAIL_PORTS, mailPorts, type ServicePortNumbers } from "./mail-ports.ts";
import type { MeshOptions, PortItem, PortList } from "./mesh-options.ts";
import { type ContainerPort, isPortName, parseAnnotation, readPortItems } from "./port-items.ts";

export const OPAQUE_PORTS = "config.linkerd.io/opaque-ports";
export const SKIP_INBOUND_PORTS = "config.linkerd.io/skip-inbound-ports";
export const SKIP_OUTBOUND_PORTS = "config.linkerd.io/skip-outbound-ports";

/** Fields that are port lists. */
export const PORT_FIELDS = ["skipOutboundPorts", "skipInboundPorts", "opaquePorts"] as const;

/** The ports of the pods that annotations are written to. */
export interface PodPorts {
  /** Port lists may contain the names of these ports. Mail ports among them are opaque. */
  readonly ports: pulumi.Input<ContainerPort[]>;
  /** The ports of the Service of the pods, if it is known. */
  readonly servicePorts?: ServicePortNumbers | undefined;
}

/** The port lists of the mesh that `options` refers to, or the default lists. */
export function meshPortsOf({ ref }: MeshOptions): pulumi.Input<MeshPorts> {
  return ref?.ports ?? meshPorts();
}

/**
 * The port annotations for `options`. Adds an issue for every invalid item.
 *
 * @param pods `undefined` for a namespace
 */
export function portAnnotations(
  options: MeshOptions,
  pods: PodPorts | undefined,
  issues: IssueCollector,
): Partial<Record<string, pulumi.Input<string>>> {
  return {
    [SKIP_OUTBOUND_PORTS]: readSkippedOutbound(options, pods, issues),
    [SKIP_INBOUND_PORTS]: readSkippedInbound(options, pods, issues),
    [OPAQUE_PORTS]: readOpaque(options, pods, issues),
  };
}

/** What a port annotation is computed from. */
interface PortInputs {
  items?: PortItem[] | undefined;
  ports: ContainerPort[];
  mesh: MeshPorts;
}

function readSkippedOutbound(
  options: MeshOptions,
  pods: PodPorts | undefined,
  issues: IssueCollector,
): pulumi.Input<string> | undefined {
  const { skipOutboundPorts: items, skipSmtp } = options;
  if (items === undefined && skipSmtp === undefined) return undefined;
  const inputs = { items, skipSmtp, ports: portsFor(items, pods), mesh: meshPortsOf(options) };
  return issues.read<PortInputs & { skipSmtp?: boolean }, string>(
    ["mesh"],
    inputs,
    ({ items, skipSmtp, ports, mesh }, reject) => {
      const base = readMeshList("skipOutbound", mesh, reject);
      const added = readItems("skipOutboundPorts", items, ports, reject);
      if (base === undefined || added === undefined) return undefined;
      const own = skipSmtp === false ? base.without(MAIL_PORTS) : base;
      return String(own.union(added, ...(skipSmtp ? [MAIL_PORTS] : [])));
    },
  );
}

function readSkippedInbound(
  options: MeshOptions,
  pods: PodPorts | undefined,
  issues: IssueCollector,
): pulumi.Input<string> | undefined {
  const { skipInboundPorts: items } = options;
  if (items === undefined) return undefined;
  const inputs = { items, ports: portsFor(items, pods), mesh: meshPortsOf(options) };
  const opaque = containsOutput(items) ? options.opaquePorts : undefined;
  return issues.read<PortInputs & { opaque?: PortItem[] }, string>(
    ["mesh"],
    { ...inputs, opaque },
    ({ items, ports, mesh, opaque }, reject) => {
      const base = readMeshList("skipInbound", mesh, reject);
      const added = readItems("skipInboundPorts", items, ports, reject);
      if (base === undefined || added === undefined) return undefined;
      const opaquePorts = readItems("opaquePorts", opaque, ports, () => undefined) ?? PortSet.EMPTY;
      rejectSkipped({ ports }, opaquePorts, added, PortSet.EMPTY, reject);
      return String(base.union(added));
    },
  );
}

/**
 * The list of opaque ports: the items of the option, and the mail ports of the pods. Without the option, `undefined` for
 * pods whose mail ports are opaque in every mesh.
 */
function readOpaque(
  options: MeshOptions,
  pods: PodPorts | undefined,
  issues: IssueCollector,
): pulumi.Input<string> | undefined {
  const { opaquePorts: items } = options;
  // The list must not be unknown in a preview because of an Output there, which is compared where it is read.
  const skipped = knownValue(options.skipInboundPorts);
  const { ports = [], servicePorts } = pods ?? {};
  const extraMailPorts = (ports: ContainerPort[]) =>
    mailPorts(ports, servicePorts).without(OPAQUE_EVERYWHERE);
  if (items === undefined && !containsOutput(ports) && extraMailPorts(ports as ContainerPort[]).isEmpty) {
    return undefined;
  }
  const inputs = { items, skipped, ports, mesh: meshPortsOf(options) };
  return issues.read<PortInputs & { skipped?: PortItem[] }, string>(
    ["mesh"],
    inputs,
    ({ items, skipped, ports, mesh }, reject) => {
      if (items === undefined && extraMailPorts(ports).isEmpty) return undefined;
      const base = readMeshList("opaque", mesh, reject);
      const added = readItems("opaquePorts", items, ports, reject);
      if (base === undefined || added === undefined) return undefined;
      // Invalid items are reported for the annotation of skipped ports.
      const ignore: Reject = () => undefined;
      const ownSkips = readItems("skipInboundPorts", skipped, ports, ignore) ?? PortSet.EMPTY;
      const meshSkips = readMeshList("skipInbound", mesh, ignore) ?? PortSet.EMPTY;
      rejectSkipped({ items, ports }, added, ownSkips, meshSkips, reject);
      const mail = mailPorts(ports, servicePorts).without(ownSkips.union(meshSkips));
      if (items === undefined && mail.without(OPAQUE_EVERYWHERE).isEmpty) return undefined;
      // A list of pods has only mail ports that they serve, so that no pod restarts because its mesh lists all of them.
      return String((pods ? base.without(EXTRA_MAIL_PORTS) : base).union(added, mail));
    },
  );
}

const OPAQUE_EVERYWHERE = MAIL_PORTS.without(EXTRA_MAIL_PORTS);

/** Rejects opaque ports of the option that skip the proxy inbound. A range may span ports that Linkerd skips. */
function rejectSkipped(
  { items = [], ports }: Pick<PortInputs, "items" | "ports">,
  opaque: PortSet,
  ownSkips: PortSet,
  meshSkips: PortSet,
  reject: Reject,
): void {
  const numbers = items.map((item) => ports.find(({ name }) => name === item)?.containerPort ?? item);
  const sources: [both: PortSet, source: string][] = [
    [opaque.intersection(ownSkips), "which mesh.skipInboundPorts contains"],
    [alwaysSkipped(numbers).without(ownSkips), "which Linkerd skips by default"],
    [
      opaque.intersection(meshSkips).without(ownSkips.union(ALWAYS_SKIPPED_PORTS)),
      "which the mesh skips inbound",
    ],
  ];
  for (const [both, source] of sources) {
    if (both.isEmpty) continue;
    reject({
      path: ["opaquePorts"],
      reason: "must not contain ports that skip the proxy",
      got: `${both}, ${source}`,
      because: NEVER_OPAQUE,
      fixes: [{ kind: "instruction", text: "remove the port from mesh.opaquePorts" }],
    });
  }
}

function readItems(
  field: (typeof PORT_FIELDS)[number],
  items: PortItem[] | undefined,
  ports: readonly ContainerPort[],
  reject: Reject,
): PortSet | undefined {
  if (items === undefined) return PortSet.EMPTY;
  return Array.isArray(items)
    ? readPortItems(items, ports, rejectAt(reject, field))
    : reject({
        path: [field],
        reason: 'must be a list of ports, e.g. [5671, "4000-4010"]',
        got: formatValue(items),
      });
}

function readMeshList(list: keyof MeshPorts, mesh: MeshPorts, reject: Reject): PortSet | undefined {
  return readPortList(mesh[list], rejectAt(reject, "ref", "ports", list));
}

function rejectAt(reject: Reject, ...path: Path): Reject {
  return (issue) => reject({ ...issue, path: [...path, ...(issue.path ?? [])] });
}

/** A list of the mesh in Linkerd's form, e.g. `25,587,4000-4010`. */
const readPortList: Reader<string, PortSet> = (list, reject) =>
  typeof list === "string"
    ? readPortItems(parseAnnotation(list), [], reject)
    : reject({ reason: "must be a comma-separated list of ports", got: formatValue(list) });

/** The container ports, if the list may contain names. If not, it does not depend on ports that are Outputs. */
function portsFor(items: PortList | undefined, pods: PodPorts | undefined): pulumi.Input<ContainerPort[]> {
  const mayContainNames = Array.isArray(items)
    ? items.some((item) => isDeferred(item) || isPortName(item))
    : isDeferred(items);
  return mayContainNames ? (pods?.ports ?? []) : [];
}
