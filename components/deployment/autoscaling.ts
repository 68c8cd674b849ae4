/** The HorizontalPodAutoscaler of a workload, by the load of its application and not of its proxy. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { isDeferred, knownValue, peekPath } from "../inputs/outputs.ts";
import { wholeNumber } from "../inputs/readers.ts";
import type { Mistakes } from "../inputs/validation.ts";

/** Scaling by what the application container uses of what it requests. */
export interface AutoscalingOptions {
  /** Fewest replicas, 1 or more. */
  min: pulumi.Input<number>;
  /** Most replicas. */
  max: pulumi.Input<number>;
  /** CPU to aim at, percent of the request. @default 80, where no memory is given either */
  cpu?: pulumi.Input<number> | undefined;
  /** Memory to aim at, percent of the request. */
  memory?: pulumi.Input<number> | undefined;
}

type Metric = k8s.types.input.autoscaling.v2.MetricSpec;

const READERS = {
  min: wholeNumber(1, 2 ** 31 - 1),
  max: wholeNumber(1, 2 ** 31 - 1),
  cpu: wholeNumber(1, 2 ** 31 - 1),
  memory: wholeNumber(1, 2 ** 31 - 1),
};

/** Notes what is wrong with the options, and a request without which there is nothing to measure by. */
export function checkAutoscaling(options: AutoscalingOptions, container: unknown, mistakes: Mistakes): void {
  mistakes.addUnknownKeys("autoscaling", options, Object.keys(READERS));
  for (const [field, read] of Object.entries(READERS)) {
    const value = options[field as keyof AutoscalingOptions];
    if (value === undefined && field !== "min" && field !== "max") continue;
    mistakes.read(`autoscaling.${field}`, value, read);
  }
  const [min, max] = [knownValue(options.min), knownValue(options.max)];
  if (min !== undefined && max !== undefined && min > max) {
    mistakes.add("autoscaling", `min ${min} is more than max ${max}. Expected min to be at most max.`);
  }
  for (const resource of Object.keys(targets(options))) {
    const request = peekPath(container, "resources", "requests", resource);
    const limit = peekPath(container, "resources", "limits", resource);
    if (isDeferred(container) || request !== undefined || limit !== undefined) continue;
    mistakes.add(
      "autoscaling",
      `the application container requests no ${resource}, of which its use would be a share. ` +
        `Request some in the spec, or with resources: { ${resource}: … }.`,
    );
  }
}

/** A metric per resource, of the one container. */
export function autoscalingMetrics(options: AutoscalingOptions, container: pulumi.Input<string>): Metric[] {
  return Object.entries(targets(options)).map(([name, averageUtilization]) => ({
    type: "ContainerResource",
    containerResource: { name, container, target: { type: "Utilization", averageUtilization } },
  }));
}

function targets({ cpu, memory }: AutoscalingOptions): Record<string, pulumi.Input<number>> {
  if (cpu === undefined && memory === undefined) return { cpu: 80 };
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}
