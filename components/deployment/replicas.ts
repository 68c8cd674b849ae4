/** The number of replicas of a workload, which an autoscaler may set. */
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, peekPath } from "../inputs/outputs.ts";
import type { MeshedDeploymentArgs } from "./arguments.ts";
import type { AutoscalingOptions } from "./autoscaling.ts";

/**
 * The `replicas` that the Deployment is created with: those of the spec, or else `min`. Not 0, because the autoscaler does
 * not act on a workload without replicas (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/).
 */
export function initialReplicas(
  replicas: pulumi.Input<number> | undefined,
  { min }: AutoscalingOptions,
): pulumi.Input<number> {
  return mapInput(replicas, (own?: number) => own || min);
}

/**
 * The options of the Deployment, with `ignoreChanges` of `spec.replicas` if the arguments leave the number of replicas to
 * others: with an autoscaler, or without `replicas` in the spec.
 *
 * Otherwise, the Deployment would have 1 replica, the default of Kubernetes, when `replicas` is removed from its
 * arguments, and an update after an autoscaler changed the number would be a conflict. The provider also leaves an
 * ignored field out of server-side apply if another field manager owns it (pulumi-kubernetes, pkg/await/await.go).
 */
export function replicaOptions(
  { autoscaling, spec, transform }: MeshedDeploymentArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  const replicas = peekPath(spec, "replicas") ?? undefined;
  // A transform may set `replicas`.
  const isUnset = spec !== undefined && replicas === undefined && transform?.deployment === undefined;
  if (!autoscaling && !isUnset) return opts;
  return { ...opts, ignoreChanges: [...new Set([...(opts.ignoreChanges ?? []), "spec.replicas"])] };
}
