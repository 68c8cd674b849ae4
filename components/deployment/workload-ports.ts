/** The port table of a workload, from values that may be Outputs. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { knownValue, mapInput, peekPath, readPath } from "../inputs/outputs.ts";
import { PortSet } from "../inputs/port-set.ts";
import type { IssueCollector, Path, Reader, Reject } from "../inputs/validation.ts";
import type { MeshPorts } from "../linkerd/values/ports.ts";
import { mailPorts } from "../meshing/mail-ports.ts";
import { containerPorts, type PodSpec } from "../meshing/pod-template.ts";
import { meshPortsOf, OPAQUE_PORTS, SKIP_INBOUND_PORTS } from "../meshing/port-annotations.ts";
import { type ContainerPort, parseAnnotation, readPortItems } from "../meshing/port-items.ts";
import { type MeshedDeploymentArgs, resolveOption } from "./arguments.ts";
import {
  addInboundSkips,
  completePorts,
  type DeclaredPort,
  declarePorts,
  type PortRow,
  type WorkloadPorts,
} from "./port-table.ts";
import { accessOf } from "./traffic/callers.ts";
import { rejectIneffectiveProtocols, rejectIneffectiveTraffic } from "./traffic/ineffective-options.ts";

/**
 * Reads the container ports, and the port lists in force for them, if `service` or `allowFrom` needs them. Adds an issue
 * for every item of a port annotation that is not a port, and for options of the Service that have no effect on a port.
 *
 * @param deployment the Deployment with the annotations and probes that it is created with
 */
export function readWorkloadPorts(
  args: MeshedDeploymentArgs,
  deployment: k8s.apps.v1.DeploymentArgs,
  issues: IssueCollector,
): WorkloadPorts {
  if (!args.service && !args.allowFrom) return { declared: [], table: [], inbound: [] };
  const service = resolveOption(args.service);
  const podSpec = readPath(args.spec, "template", "spec") as pulumi.Input<PodSpec>;
  const declared = mapInput(containerPorts(podSpec), (ports) =>
    declarePorts(ports, {
      template: peekPath(deployment.spec, "template"),
      servicePorts: service && (service.ports ?? {}),
      skipInbound: ownSkippedPorts(args, ports),
      appProtocols: service?.appProtocol,
      accessOf: accessOf(args.allowFrom),
      retriesGrpc: args.retries?.grpc !== undefined,
    }),
  );
  const table = readTable(declared, args, deployment, issues);
  return { declared, table, inbound: args.allowFrom ? readInbound(table, args, deployment, issues) : [] };
}

/** The inputs of the table, with every Output resolved. */
interface TableInputs {
  ports: DeclaredPort[];
  mesh: MeshPorts;
  /** The annotation of the pod template. It replaces the list of the mesh. */
  opaque?: string | undefined;
}

const ANNOTATIONS = ["spec", "template", "metadata", "annotations"];

function readTable(
  ports: pulumi.Input<DeclaredPort[]>,
  args: MeshedDeploymentArgs,
  deployment: k8s.apps.v1.DeploymentArgs,
  issues: IssueCollector,
): pulumi.Input<PortRow[]> {
  const { mesh = {} } = args;
  const inputs = {
    ports,
    mesh: meshPortsOf(mesh),
    opaque: readPath(deployment, ...ANNOTATIONS, OPAQUE_PORTS),
  };
  const read: Reader<TableInputs, PortRow[]> = ({ ports, mesh, opaque }, reject) => {
    const meshList = (list: keyof MeshPorts) =>
      readList(mesh[list], [], rejectAt(["mesh", "ref", "ports", list], reject));
    const meshLists = {
      opaque: meshList("opaque"),
      skipInbound: meshList("skipInbound"),
      skipOutbound: meshList("skipOutbound"),
    };
    // Pods have a list of their own if they need one for their mail ports.
    const inherited = meshLists.opaque.union(servedMailPorts(ports));
    const rows = completePorts(ports, {
      mesh: meshLists,
      opaque:
        opaque === undefined
          ? inherited
          : readList(opaque, ports, rejectAt([...ANNOTATIONS, OPAQUE_PORTS], reject)),
      skipInbound: undefined,
    });
    rejectIneffectiveTraffic(rows, args, reject);
    rejectIneffectiveProtocols(rows, reject);
    return rows;
  };
  return issues.read([], inputs, read) ?? [];
}

/** The table with the ports that the pods skip inbound. */
function readInbound(
  rows: pulumi.Input<PortRow[]>,
  { mesh = {} }: MeshedDeploymentArgs,
  deployment: k8s.apps.v1.DeploymentArgs,
  issues: IssueCollector,
): pulumi.Input<PortRow[]> {
  const path = [...ANNOTATIONS, SKIP_INBOUND_PORTS];
  const inputs = { rows, mesh: meshPortsOf(mesh), annotation: readPath(deployment, ...path) };
  type Inputs = { rows: PortRow[]; mesh: MeshPorts; annotation?: string | undefined };
  const read: Reader<Inputs, PortRow[]> = ({ rows, mesh, annotation }, reject) => {
    // An invalid list of the mesh is an issue of the table already.
    const inherited = readList(mesh.skipInbound, [], () => undefined);
    return addInboundSkips(rows, {
      mesh: { skipInbound: inherited },
      skipInbound: annotation === undefined ? inherited : readList(annotation, rows, rejectAt(path, reject)),
    });
  };
  return issues.read([], inputs, read) ?? [];
}

function servedMailPorts(ports: readonly DeclaredPort[]): PortSet {
  const served = ports.filter(({ mail, skippedByWorkload }) => mail && !skippedByWorkload);
  return PortSet.EMPTY.union(
    ...served.map((port) => mailPorts([port], { [port.name ?? ""]: port.servicePort ?? port.containerPort })),
  );
}

/** Reads a comma-separated list. Empty where an item is not a port, which is rejected. */
function readList(list: string, ports: readonly ContainerPort[], reject: Reject): PortSet {
  return readPortItems(parseAnnotation(list), ports, reject) ?? PortSet.EMPTY;
}

function rejectAt(path: Path, reject: Reject): Reject {
  return (issue) => reject({ ...issue, path: [...path, ...(issue.path ?? [])] });
}

/**
 * The ports that the workload itself skips inbound, by its annotation or else by `mesh.skipInboundPorts`, as far as they
 * are not Outputs. Invalid items are reported where the annotation is written or read.
 */
function ownSkippedPorts({ mesh, spec }: MeshedDeploymentArgs, ports: readonly ContainerPort[]): PortSet {
  const annotation = peekPath(spec, "template", "metadata", "annotations", SKIP_INBOUND_PORTS);
  const items =
    typeof annotation === "string" ? parseAnnotation(annotation) : (knownValue(mesh?.skipInboundPorts) ?? []);
  if (!Array.isArray(items)) return PortSet.EMPTY;
  return readPortItems(items as string[], ports, () => undefined) ?? PortSet.EMPTY;
}
