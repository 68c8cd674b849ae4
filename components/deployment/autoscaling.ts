/** The HorizontalPodAutoscaler of a workload. It measures the application container, and not the proxy. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { isDeferred, knownValue, peekPath } from "../inputs/outputs.ts";
import { integer } from "../inputs/readers.ts";
import type { IssueCollector } from "../inputs/validation.ts";
import type { ObjectMeta } from "../meshing/pod-template.ts";
import type { AutoscalerChildArgs } from "./transform.ts";

/** Options of the HorizontalPodAutoscaler. See {@link MeshedDeploymentArgs.autoscaling}. */
export interface AutoscalingOptions {
  /** Minimum number of replicas, 1 or more. */
  min: pulumi.Input<number>;
  /** Maximum number of replicas, `min` or more. */
  max: pulumi.Input<number>;
  /** Target CPU usage, as a percentage of the request. @default 80 if `memory` is not set, else none */
  cpu?: pulumi.Input<number> | undefined;
  /** Target memory usage, as a percentage of the request. @default none */
  memory?: pulumi.Input<number> | undefined;
}

type Metric = k8s.types.input.autoscaling.v2.MetricSpec;

const MAX_INT32 = 2 ** 31 - 1;
const FIELDS = ["min", "max", "cpu", "memory"] as const satisfies (keyof AutoscalingOptions)[];

/** Adds an issue for each invalid option, and for each measured resource that the container does not request. */
export function validateAutoscaling(
  options: AutoscalingOptions,
  container: unknown,
  issues: IssueCollector,
): void {
  issues.addUnknownKeys(["autoscaling"], options, FIELDS);
  for (const field of FIELDS) {
    const isRequired = field === "min" || field === "max";
    if (options[field] === undefined && !isRequired) continue;
    issues.read(["autoscaling", field], options[field], integer(1, MAX_INT32));
  }
  const [min, max] = [knownValue(options.min), knownValue(options.max)];
  if (min !== undefined && max !== undefined && min > max) {
    issues.add({
      path: ["autoscaling", "min"],
      reason: "must be at most autoscaling.max",
      got: `${min} (autoscaling.max is ${max})`,
      conflictsWith: ["autoscaling", "max"],
    });
  }
  for (const resource of Object.keys(targets(options))) {
    const request = peekPath(container, "resources", "requests", resource);
    const limit = peekPath(container, "resources", "limits", resource);
    // Without a request, Kubernetes uses the limit.
    if (isDeferred(container) || request !== undefined || limit !== undefined) continue;
    issues.add({
      path: ["autoscaling", resource],
      reason: `must be used with an application container that requests ${resource}`,
      got: "no request",
      because: "Usage is measured as a percentage of the request",
      fixes: [
        { kind: "set", path: ["resources"], value: true },
        { kind: "instruction", text: `set resources.requests.${resource} of the container in the spec` },
      ],
    });
  }
}

/**
 * The arguments of the HorizontalPodAutoscaler.
 *
 * @param deployment the name of the Deployment
 * @param container the name of the application container
 */
export function autoscalerArgs(
  options: AutoscalingOptions,
  workload: { metadata: ObjectMeta; deployment: pulumi.Input<string>; container: pulumi.Input<string> },
): AutoscalerChildArgs {
  return {
    metadata: workload.metadata,
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workload.deployment },
      minReplicas: options.min,
      maxReplicas: options.max,
      metrics: Object.entries(targets(options)).map(([name, averageUtilization]): Metric => {
        const target = { type: "Utilization", averageUtilization };
        return {
          type: "ContainerResource",
          containerResource: { name, container: workload.container, target },
        };
      }),
    },
  };
}

/** The target percentage for each measured resource. */
function targets({ cpu, memory }: AutoscalingOptions): Record<string, pulumi.Input<number>> {
  if (cpu === undefined && memory === undefined) return { cpu: 80 };
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}
