/** From what a caller asks of a MeshedDeployment to what its children are given. Registers nothing. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, peekPath, readPath } from "../inputs/outputs.ts";
import type { Mistakes } from "../inputs/validation.ts";
import type { MeshPorts } from "../linkerd/values/ports.ts";
import { type Annotations, OPAQUE_PORTS, portsOf, SKIP_INBOUND_PORTS } from "../meshing/annotations.ts";
import type { MeshOptions } from "../meshing/mesh-options.ts";
import { containerPorts, type PodSpec, type PodTemplate, type Report } from "../meshing/pod-template.ts";
import { type ContainerPort, itemsOf, portList } from "../meshing/port-items.ts";
import { meshedArgs } from "../meshing/workload-kinds.ts";
import { type MeshedDeploymentArgs, resolveOption } from "./arguments.ts";
import type { AuthorizedPort } from "./authorization.ts";
import { findAuthorizedPorts } from "./authorized-ports.ts";
import { findRetriedGrpcPorts, type GrpcPort } from "./grpc-routes.ts";
import { shapedPodSpec } from "./pod-spec.ts";
import {
  carriedPorts,
  type ServiceOptions,
  servedPorts,
  trafficAnnotations,
  withAppProtocol,
} from "./service.ts";
import { checkDeployment } from "./validation.ts";

type DeploymentSpec = k8s.types.input.apps.v1.DeploymentSpec;
type LabelSelector = k8s.types.input.meta.v1.LabelSelector;

/** What the children of a MeshedDeployment are given. */
export interface DeploymentPlan {
  deployment: k8s.apps.v1.DeploymentArgs;
  service: k8s.core.v1.ServiceArgs | undefined;
  /** Metadata of what others look for by name: the Deployment's, or else the component's. */
  named: { name: pulumi.Input<string>; namespace: pulumi.Input<string> };
  /** Metadata of what only has to be in the same namespace. */
  beside: { namespace: pulumi.Input<string> };
  selector: pulumi.Input<LabelSelector>;
  /** Name of the application container. */
  container: pulumi.Input<string>;
  guarded: readonly AuthorizedPort[];
  /** Ports of gRPC, as the Service has them, whose answers are retried. */
  retried: readonly GrpcPort[];
}

/** Every child's share, as far as it is known; mistakes are noted. */
export function planDeployment(
  name: string,
  args: MeshedDeploymentArgs,
  mistakes: Mistakes,
  report: Report,
): DeploymentPlan {
  const { metadata, spec, apiVersion, kind } = args;
  const plain = { ...(apiVersion && { apiVersion }), ...(kind && { kind }), ...(metadata && { metadata }) };
  const shaped = spec === undefined ? undefined : shapedSpec(spec as pulumi.Input<DeploymentSpec>, args);
  const given = { ...plain, ...(shaped !== undefined && { spec: shaped }) } as k8s.apps.v1.DeploymentArgs;
  const deployment = meshedArgs("Deployment", given, args.mesh ?? ({} as MeshOptions), mistakes, report);

  const firstContainer = ["template", "spec", "containers", "0"];
  checkDeployment(args, peekPath(shaped, ...firstContainer), mistakes, report);

  // `at` gives undefined for what is absent, which a resource's inputs leave out.
  const namespace = readPath(metadata, "namespace") as pulumi.Input<string>;
  const named = { name: mapInput(readPath(metadata, "name"), (own) => (own as string) ?? name), namespace };
  const serves = args.service || args.allowFrom;
  const ports = serves ? containerPorts(readPath(spec, "template", "spec") as pulumi.Input<PodSpec>) : [];
  const inForce = (list: "opaque" | "skipInbound") =>
    portsInForce(list, { deployment, ports, mesh: portsOf(args.mesh ?? {}) }, mistakes);
  const opaque = serves ? inForce("opaque") : "";
  const selector = readPath(spec, "selector") as pulumi.Input<LabelSelector>;
  const service = resolveOption(args.service);
  const traffic = trafficAnnotations(args.timeouts, args.retries, mistakes);
  return {
    deployment,
    service: service && serviceArgs(service, { named, selector, traffic, ports, opaque }, mistakes),
    named,
    beside: { namespace },
    selector,
    container: readPath(shaped, ...firstContainer, "name") as pulumi.Input<string>,
    retried: findRetriedGrpcPorts(args, { ports, opaque }, mistakes),
    guarded: findAuthorizedPorts(
      args,
      { deployment, ports, opaque, skipInbound: args.allowFrom ? inForce("skipInbound") : "" },
      mistakes,
    ),
  };
}

function shapedSpec(
  spec: pulumi.Input<DeploymentSpec>,
  { autoscaling, topologySpread, resources, ...args }: MeshedDeploymentArgs,
): pulumi.Input<DeploymentSpec> {
  const shape = { probes: args.probes, podSecurity: args.podSecurity, resources: resolveOption(resources) };
  if (!autoscaling && !topologySpread && !shape.probes && !shape.podSecurity && !shape.resources) return spec;
  return mapInput(spec, ({ replicas, ...own }) => ({
    ...own,
    ...(!autoscaling && replicas !== undefined && { replicas }),
    template: mapInput(own.template as pulumi.Input<PodTemplate>, (template) => ({
      ...template,
      spec: shapedPodSpec(template.spec as pulumi.Input<PodSpec>, {
        ...shape,
        topologySpread: topologySpread ? own.selector : undefined,
      }),
    })),
  }));
}

/** A list of the pods' ports, whoever wrote it: the annotation as it will be, or else the mesh's. */
function portsInForce(
  list: "opaque" | "skipInbound",
  given: {
    deployment: k8s.apps.v1.DeploymentArgs;
    ports: pulumi.Input<ContainerPort[]>;
    mesh: pulumi.Input<MeshPorts>;
  },
  mistakes: Mistakes,
): pulumi.Input<string> {
  const { ports, mesh } = given;
  const name = list === "opaque" ? OPAQUE_PORTS : SKIP_INBOUND_PORTS;
  const annotation = readPath(given.deployment.spec, "template", "metadata", "annotations", name);
  if (annotation === undefined) return mapInput(mesh, (lists) => lists[list]);
  type Known = { annotation?: string; ports: ContainerPort[]; mesh: MeshPorts };
  const read = ({ annotation, ports, mesh }: Known) => portList([], itemsOf(annotation ?? mesh[list]), ports);
  const field = `spec.template.metadata.annotations["${name}"]`;
  return mistakes.read(field, { annotation, ports, mesh }, read) ?? "";
}

function serviceArgs(
  options: ServiceOptions,
  given: Pick<DeploymentPlan, "named" | "selector"> & {
    opaque: pulumi.Input<string>;
    traffic: Annotations;
    ports: pulumi.Input<ContainerPort[]>;
  },
  mistakes: Mistakes,
): k8s.core.v1.ServiceArgs {
  mistakes.addUnknownKeys("service", options, ["ports"]);
  const read = (ports: ContainerPort[]) => servedPorts(ports, options);
  const served = mistakes.read("service", given.ports, read) ?? [];
  const of = <T>(make: (served: ReturnType<typeof read>, opaque: string) => T) =>
    mapInput(served, (ports) => mapInput(given.opaque, (opaque) => make(ports, opaque) as pulumi.Input<T>));
  return {
    metadata: {
      ...given.named,
      annotations: mapInput(of(carriedPorts), (carried) => ({
        // It is up when the Deployment is, which is what Pulumi waits for; with no replicas it would never be.
        "pulumi.com/skipAwait": "true",
        ...given.traffic,
        // What the pods carry as opaque, the Service has to name too (linkerd check, linkerd-opaque-ports-definition).
        ...(carried !== "" && { [OPAQUE_PORTS]: carried }),
      })) as pulumi.Input<Annotations>,
    },
    spec: {
      selector: selectedLabels(given.selector, mistakes),
      ports: of(withAppProtocol),
    },
  };
}

/** Without labels, a Service selects nothing and says nothing of it. */
function selectedLabels(
  selector: pulumi.Input<LabelSelector>,
  mistakes: Mistakes,
): pulumi.Input<Record<string, string>> {
  return mapInput(readPath(selector, "matchLabels") as pulumi.Input<Record<string, string>>, (labels) => {
    if (Object.keys(labels ?? {}).length === 0) {
      mistakes.add(
        "service",
        "spec.selector has no matchLabels, and a Service selects by labels only. Add some that the pods have.",
      );
    }
    return labels;
  });
}
