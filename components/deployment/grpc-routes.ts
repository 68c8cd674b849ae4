/** GRPCRoutes: by them alone does Linkerd take requests for gRPC, and try them again by what gRPC answers. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../inputs/outputs.ts";
import type { Mistakes } from "../inputs/validation.ts";
import { includesPort } from "../linkerd/values/ports.ts";
import { type ContainerPort, isTcp, knownPorts } from "../meshing/port-items.ts";
import { type MeshedDeploymentArgs, resolveOption } from "./arguments.ts";
import { asServed, isGrpc } from "./service.ts";

/** A port of a Service that speaks gRPC. */
export interface GrpcPort {
  name: string;
  /** Its number in the Service. */
  port: pulumi.Input<number>;
}

/** The ports whose answers are to be retried, which have to be known: a GRPCRoute is made for each. */
export function findRetriedGrpcPorts(
  { retries, service }: MeshedDeploymentArgs,
  { ports, opaque }: { ports: pulumi.Input<ContainerPort[]>; opaque: pulumi.Input<string> },
  mistakes: Mistakes,
): readonly GrpcPort[] {
  const options = resolveOption(service);
  if (retries?.grpc === undefined || options === undefined) return [];
  const plain = knownPorts("retries.grpc", ports, "a GRPCRoute is made for each of gRPC", mistakes);
  if (plain === undefined) return [];
  const named = plain.filter(
    (port): port is ContainerPort & { name: string } => isGrpc(port.name) && isTcp(port),
  );
  if (named.length === 0) {
    mistakes.add("retries.grpc", "no port speaks gRPC: the containers name none grpc or grpc-…. Name it so.");
  }
  return named.map((port) => ({
    name: port.name,
    port: mistakes.read("retries.grpc", opaque, (opaque: string) => {
      if (!includesPort(opaque, port.containerPort)) return asServed(port, options);
      throw new RangeError(
        `port ${port.containerPort} is opaque: Linkerd sees no answers in it. Expected one of the two.`,
      );
    }) as pulumi.Input<number>,
  }));
}

/**
 * A GRPCRoute for each of `ports` that takes all of its requests and sends them where they were going. Its retries and
 * timeouts are those of the Service's annotations (linkerd2, policy-controller/grpc/src/outbound/grpc.rs).
 */
export function routeGrpc(
  name: string,
  service: k8s.core.v1.Service,
  ports: readonly GrpcPort[],
  opts: pulumi.CustomResourceOptions,
): void {
  for (const { name: portName, port } of ports) {
    new k8s.apiextensions.CustomResource(
      `${name}-${portName}`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "GRPCRoute",
        metadata: {
          name: mapInput(service.metadata.name, (own) => `${own}-${portName}`),
          namespace: service.metadata.namespace,
        },
        spec: {
          parentRefs: [{ group: "core", kind: "Service", name: service.metadata.name, port }],
          rules: [{}],
        },
      },
      opts,
    );
  }
}
