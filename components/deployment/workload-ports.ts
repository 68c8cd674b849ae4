/** The port table of a workload, from values that may be Outputs. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { knownValue, mapInput, peekPath, readPath } from "../inputs/outputs.ts";
import { PortSet } from "../inputs/port-set.ts";
import type { IssueCollector, Path, Reader, Reject } from "../inputs/validation.ts";
import type { MeshPorts } from "../linkerd/values/ports.ts";
import { meshPortsOf, OPAQUE_PORTS, SKIP_INBOUND_PORTS } from "../meshing/annotations.ts";
import { containerPorts, type PodSpec } from "../meshing/pod-template.ts";
import { type ContainerPort, parseAnnotation, readPortItems } from "../meshing/port-items.ts";
import { type MeshedDeploymentArgs, resolveOption } from "./arguments.ts";
import {
  addInboundSkips,
  addProtocols,
  type DeclaredPort,
  declarePorts,
  type InboundPortRow,
  type PortRow,
  type WorkloadPorts,
} from "./port-table.ts";

/**
 * Reads the container ports, and the port lists in force for them, if `service` or `allowFrom` needs them. Adds an issue
 * for every item of a port annotation that is not a port.
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
      restrictsCallers: args.allowFrom !== undefined,
      retriesGrpc: args.retries?.grpc !== undefined,
    }),
  );
  const mesh = meshPortsOf(args.mesh ?? {});
  const annotation = (name: string) => readPath(deployment.spec, "template", "metadata", "annotations", name);
  const table =
    issues.read([], { ports: declared, mesh, annotation: annotation(OPAQUE_PORTS) }, readProtocols) ?? [];
  const inbound =
    args.allowFrom &&
    issues.read([], { ports: table, mesh, annotation: annotation(SKIP_INBOUND_PORTS) }, readInboundSkips);
  return { declared, table, inbound: inbound ?? [] };
}

/** What a step of the table depends on, with every Output resolved. */
interface StepInputs<P extends DeclaredPort> {
  ports: P[];
  mesh: MeshPorts;
  /** The annotation of the pod template. It replaces the list of the mesh. */
  annotation?: string | undefined;
}

const readProtocols: Reader<StepInputs<DeclaredPort>, PortRow[]> = (inputs, reject) =>
  addProtocols(inputs.ports, {
    opaque: listInForce("opaque", OPAQUE_PORTS, inputs, reject),
    meshSkipOutbound: readMeshList("skipOutbound", inputs, reject),
  });

const readInboundSkips: Reader<StepInputs<PortRow>, InboundPortRow[]> = (inputs, reject) =>
  addInboundSkips(inputs.ports, {
    skipInbound: listInForce("skipInbound", SKIP_INBOUND_PORTS, inputs, reject),
    meshSkipInbound: readMeshList("skipInbound", inputs, reject),
  });

/** The list of the annotation, or else of the mesh. */
function listInForce(
  list: keyof MeshPorts,
  name: string,
  { annotation, ...inputs }: StepInputs<DeclaredPort>,
  reject: Reject,
): PortSet {
  if (annotation === undefined) return readMeshList(list, inputs, reject);
  const path = ["spec", "template", "metadata", "annotations", name];
  return readList(annotation, inputs.ports, rejectAt(path, reject));
}

function readMeshList(
  list: keyof MeshPorts,
  { mesh }: Pick<StepInputs<DeclaredPort>, "mesh">,
  reject: Reject,
): PortSet {
  return readList(mesh[list], [], rejectAt(["mesh", "ref", "ports", list], reject));
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
