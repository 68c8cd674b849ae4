/** Transforms: functions that change one child of a component before it is created. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The changes that a {@link Transform} returns. A field that is not set changes nothing. */
export interface TransformResult<Args> {
  /** Replaces the arguments of the child. They are not validated. */
  args?: Args | undefined;
  /** Each field replaces the option of the same name. `parent` is ignored. */
  opts?: pulumi.CustomResourceOptions | undefined;
}

/**
 * Changes one child of a component, and nothing else. It is for fields that no argument of the component covers.
 *
 * @param args a copy of the arguments that the child would be created with
 * @param opts a copy of its resource options
 * @param name its name in Pulumi
 * @returns replacements, or `undefined` to use `args` and `opts` with their changes in place
 */
export type Transform<Args> = (
  args: Args,
  opts: pulumi.CustomResourceOptions,
  name: string,
) => TransformResult<Args> | undefined;

/**
 * One optional function for each kind of child. It is called for each child of that kind, and not at all if there is
 * none.
 *
 * @example A headless Service that Pulumi refuses to delete:
 * ```ts
 * new MeshedDeployment("web", {
 *   spec,
 *   service: true,
 *   transform: {
 *     service: (args, opts) => ({
 *       args: { ...args, spec: { ...args.spec, clusterIP: "None" } },
 *       opts: { ...opts, protect: true },
 *     }),
 *   },
 * });
 * ```
 */
export interface DeploymentTransforms {
  /** The Deployment. A change of its pod template also changes how the mesh treats it. */
  deployment?: Transform<k8s.apps.v1.DeploymentArgs> | undefined;
  service?: Transform<ServiceChildArgs> | undefined;
  serviceAccount?: Transform<ServiceAccountChildArgs> | undefined;
  disruptionBudget?: Transform<DisruptionBudgetChildArgs> | undefined;
  autoscaler?: Transform<AutoscalerChildArgs> | undefined;
  /** Each Server that `allowFrom` creates, one for each port. */
  server?: Transform<k8s.apiextensions.CustomResourceArgs> | undefined;
  /** Each AuthorizationPolicy that `allowFrom` creates, one for each Server. */
  authorizationPolicy?: Transform<k8s.apiextensions.CustomResourceArgs> | undefined;
  meshTlsAuthentication?: Transform<k8s.apiextensions.CustomResourceArgs> | undefined;
  /** Each GRPCRoute that `retries.grpc` creates, one for each gRPC port. */
  grpcRoute?: Transform<k8s.apiextensions.CustomResourceArgs> | undefined;
}

// `metadata` and `spec` are plain objects below, so that a transform can spread them. Their fields may be Outputs.

/** Arguments of the Service. `metadata` and `spec` are plain objects. */
export type ServiceChildArgs = Omit<k8s.core.v1.ServiceArgs, "metadata" | "spec"> & {
  metadata: k8s.types.input.meta.v1.ObjectMeta;
  spec: k8s.types.input.core.v1.ServiceSpec;
};

/** Arguments of the ServiceAccount. `metadata` is a plain object. */
export type ServiceAccountChildArgs = Omit<k8s.core.v1.ServiceAccountArgs, "metadata"> & {
  metadata: k8s.types.input.meta.v1.ObjectMeta;
};

/** Arguments of the PodDisruptionBudget. `metadata` and `spec` are plain objects. */
export type DisruptionBudgetChildArgs = Omit<k8s.policy.v1.PodDisruptionBudgetArgs, "metadata" | "spec"> & {
  metadata: k8s.types.input.meta.v1.ObjectMeta;
  spec: k8s.types.input.policy.v1.PodDisruptionBudgetSpec;
};

/** Arguments of the HorizontalPodAutoscaler. `metadata` and `spec` are plain objects. */
export type AutoscalerChildArgs = Omit<
  k8s.autoscaling.v2.HorizontalPodAutoscalerArgs,
  "metadata" | "spec"
> & {
  metadata: k8s.types.input.meta.v1.ObjectMeta;
  spec: k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec;
};

/** The fields of {@link DeploymentTransforms}. */
export const TRANSFORM_FIELDS: readonly (keyof DeploymentTransforms)[] = [
  "deployment",
  "service",
  "serviceAccount",
  "disruptionBudget",
  "autoscaler",
  "server",
  "authorizationPolicy",
  "meshTlsAuthentication",
  "grpcRoute",
];

/** Creates a child with the changes of its transform. */
export function createChild<Args, Child>(
  type: new (name: string, args: Args, opts: pulumi.CustomResourceOptions) => Child,
  transform: Transform<Args> | undefined,
  name: string,
  args: Args,
  opts: pulumi.CustomResourceOptions,
): Child {
  if (transform === undefined) return new type(name, args, opts);
  const ownArgs = copyPlain(args);
  const ownOpts = copyPlain(opts);
  const result = transform(ownArgs, ownOpts, name);
  return new type(name, result?.args ?? ownArgs, {
    ...ownOpts,
    ...result?.opts,
    ...(opts.parent && { parent: opts.parent }),
  });
}

/** A copy of objects and lists, without Outputs and resources: children share parts of their arguments. */
function copyPlain<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyPlain) as T;
  const isPlain =
    value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copyPlain(each)])) as T;
}
