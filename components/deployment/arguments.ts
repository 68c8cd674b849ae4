/** What a MeshedDeployment takes besides what a Deployment takes. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { MeshOptions } from "../meshing/mesh-options.ts";
import type { WorkloadIdentity } from "./authorization.ts";
import type { AutoscalingOptions } from "./autoscaling.ts";
import type { DisruptionBudgetOptions } from "./disruption-budget.ts";
import type { ProbeOptions, ResourceOptions } from "./pod-spec.ts";
import type { RetryOptions, ServiceOptions, TimeoutOptions } from "./service.ts";

/** {@link MeshedDeploymentArgs.serviceAccount} */
export interface ServiceAccountOptions {
  /** Whether the application gets a token for the Kubernetes API. The proxy has one of its own. @default false */
  automountToken?: pulumi.Input<boolean> | undefined;
}

/**
 * What `k8s.apps.v1.Deployment` takes (`metadata` and `spec`, Outputs anywhere), and what a service needs
 * besides, each for the asking. Not asked for, nothing of it is made; asked for, it yields to the spec.
 * The application container is the first of the spec.
 */
export interface MeshedDeploymentArgs extends k8s.apps.v1.DeploymentArgs {
  /** What the pods want of the mesh. */
  mesh?: MeshOptions | undefined;
  /**
   * A Service, named as the Deployment or else as the component, with a port for each port of the containers
   * and `appProtocol` by the port's name. Pulumi does not wait for its endpoints: it waits for the Deployment.
   */
  service?: boolean | ServiceOptions | undefined;
  /**
   * A ServiceAccount of that name, and with it an identity in the mesh that is this workload's alone.
   * A mistake where the spec names another.
   */
  serviceAccount?: boolean | ServiceAccountOptions | undefined;
  /** A PodDisruptionBudget: one pod at a time, or as said; pods that are broken never keep a node. */
  disruptionBudget?: boolean | DisruptionBudgetOptions | undefined;
  /** A HorizontalPodAutoscaler. The Deployment then states no `replicas`, which the two would fight over. */
  autoscaling?: AutoscalingOptions | undefined;
  /** Spreads the pods over nodes and zones as evenly as can be had; it never keeps one from starting. */
  topologySpread?: boolean | undefined;
  /** HTTP probes of the application container. */
  probes?: ProbeOptions | undefined;
  /** Requests of the application container: `true` for 100m of CPU and 128Mi of memory. */
  resources?: boolean | ResourceOptions | undefined;
  /**
   * The security context that Pod Security's `restricted` asks for, on the pod and its containers. The
   * namespace can enforce it where Linkerd's CNI plugin takes the place of its init container.
   */
  podSecurity?: "restricted" | undefined;
  /**
   * Who may call the ports of the containers; nobody else then may. Another MeshedDeployment's `identity`
   * fits. The ports have to be known when the program runs: a Server is made for each.
   */
  allowFrom?: WorkloadIdentity[] | undefined;
  /** How long callers wait. Needs `service`. */
  timeouts?: TimeoutOptions | undefined;
  /** What callers try again. Needs `service`. */
  retries?: RetryOptions | undefined;
}

/** Every field there is: for callers without a type checker. */
export const DEPLOYMENT_FIELDS: readonly (keyof MeshedDeploymentArgs)[] = [
  "apiVersion",
  "kind",
  "metadata",
  "spec",
  "mesh",
  "service",
  "serviceAccount",
  "disruptionBudget",
  "autoscaling",
  "topologySpread",
  "probes",
  "resources",
  "podSecurity",
  "allowFrom",
  "timeouts",
  "retries",
];

/** `true` asks for an option's defaults, `false` and nothing for nothing. */
export function resolveOption<T extends object>(option: boolean | T | undefined): T | undefined {
  return option === true ? ({} as T) : option || undefined;
}
