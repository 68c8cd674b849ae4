/**
 * GRPCRoutes. Linkerd retries on gRPC status codes only for traffic that a GRPCRoute matches, so one is created for each
 * gRPC port.
 */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../../inputs/outputs.ts";
import type { IssueCollector } from "../../inputs/validation.ts";
import type { StringMap } from "../../meshing/pod-template.ts";
import { requireKnownPorts } from "../../meshing/port-items.ts";
import { type MeshedDeploymentArgs, resolveOption } from "../arguments.ts";
import type { DeclaredPort, PortRow, WorkloadPorts } from "../port-table.ts";
import { createChild, type Transform } from "../transform.ts";
import { findObstacle } from "./ineffective-options.ts";

/** A gRPC port of a Service. */
export interface GrpcPort {
  readonly name: string;
  /** Its number in the Service. */
  readonly port: pulumi.Input<number>;
}

/** The gRPC ports whose requests are retried. Adds an issue if there is none, or if one of them is opaque. */
export function findRetriedGrpcPorts(
  { retries, service }: MeshedDeploymentArgs,
  { declared, table }: WorkloadPorts,
  issues: IssueCollector,
): readonly GrpcPort[] {
  const path = ["retries", "grpc"];
  if (retries?.grpc === undefined || resolveOption(service) === undefined) return [];
  const ports = requireKnownPorts(path, declared, "A GRPCRoute is created for each gRPC port", issues);
  if (ports === undefined) return [];
  const names = (ports as DeclaredPort[]).flatMap(({ retriesGrpc, name }) =>
    retriesGrpc && name ? [name] : [],
  );
  if (names.length === 0) {
    issues.add({
      path,
      reason: "must be used with a TCP port whose name is grpc or begins with grpc-",
      got: "no gRPC port",
      fixes: [{ kind: "instruction", text: "name the gRPC port of the container grpc" }, { kind: "remove" }],
    });
  }
  return names.map((name) => ({
    name,
    port: issues.read(path, table, (rows: PortRow[], reject) => {
      const row = rows.find((row) => row.retriesGrpc && row.name === name);
      const obstacle = row && findObstacle(row, "gRPC status codes");
      if (obstacle === undefined) return row?.servicePort;
      const { fix, ...issue } = obstacle;
      return reject({ ...issue, fixes: [{ kind: "remove" }, { kind: "instruction", text: fix }] });
    }) as pulumi.Input<number>,
  }));
}

/**
 * Creates a GRPCRoute for each of `ports` that matches all of its requests and does not change their destination. Retries
 * and timeouts of the Service's annotations apply to it (linkerd2, policy-controller/grpc/src/outbound/grpc.rs).
 */
export function createGrpcRoutes(
  name: string,
  { service, ports, labels }: RoutedService,
  transform: Transform<k8s.apiextensions.CustomResourceArgs> | undefined,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource[] {
  const { name: serviceName, namespace } = service.metadata;
  return ports.map(({ name: portName, port }) =>
    createChild(
      k8s.apiextensions.CustomResource,
      transform,
      `${name}-${portName}`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "GRPCRoute",
        metadata: {
          name: mapInput(serviceName, (own) => `${own}-${portName}`),
          namespace,
          ...(labels !== undefined && { labels }),
        },
        spec: { parentRefs: [{ group: "core", kind: "Service", name: serviceName, port }], rules: [{}] },
      },
      opts,
    ),
  );
}

/** {@link createGrpcRoutes} */
interface RoutedService {
  service: k8s.core.v1.Service;
  ports: readonly GrpcPort[];
  labels: pulumi.Input<StringMap> | undefined;
}
