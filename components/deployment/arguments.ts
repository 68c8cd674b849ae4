/** The arguments of MeshedDeployment. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { MeshOptions } from "../meshing/mesh-options.ts";
import type { AutoscalingOptions } from "./autoscaling.ts";
import type { DisruptionBudgetOptions } from "./disruption-budget.ts";
import type { ProbeOptions, ResourceOptions } from "./pod-spec.ts";
import type { ServiceOptions } from "./service.ts";
import type { AllowFrom } from "./traffic/callers.ts";
import type { RetryOptions, TimeoutOptions } from "./traffic/timeouts-and-retries.ts";
import type { DeploymentTransforms } from "./transform.ts";

/** Options of the ServiceAccount. See {@link MeshedDeploymentArgs.serviceAccount}. */
export interface ServiceAccountOptions {
  /**
   * Mount a token for the Kubernetes API into the application's containers
   * (`automountServiceAccountToken` of the ServiceAccount). The proxy has a token of its own.
   * @default false
   */
  automountToken?: pulumi.Input<boolean> | undefined;
}

/**
 * Arguments of `k8s.apps.v1.Deployment`, plus opt-in companions (Service, autoscaler, …). Nothing is created unless
 * enabled, and values in `spec` always take precedence.
 *
 * `metadata` and `spec` may have Outputs anywhere. The labels in `metadata` are also the labels of every child. The
 * application container is the first container in the spec.
 */
export interface MeshedDeploymentArgs extends k8s.apps.v1.DeploymentArgs {
  /**
   * How the pods are meshed: injection, ports, the proxy, and the mesh that they belong to. Each field writes
   * annotations to the pod template.
   *
   * @default the pods are injected, with the configuration of the mesh
   * @example
   * ```ts
   * const mesh = new MeshReference("acme/linkerd-mesh/prod");
   * new MeshedDeployment("web", { spec, mesh: { ref: mesh, opaquePorts: ["db"], skipOutboundPorts: [5671] } });
   * ```
   */
  mesh?: MeshOptions | undefined;
  /**
   * Create a Service (https://kubernetes.io/docs/concepts/services-networking/service/) with the selector of the
   * Deployment and one port for each port of the containers. Its name is the Deployment's `metadata.name`, or else the
   * name of the component.
   *
   * `appProtocol` follows the name of the container port: `http` for `http`, `grpc-web` and names that continue them with
   * `-`, `kubernetes.io/h2c` for `grpc`, `h2c`, `http2` and names that continue them. Names that declare TLS
   * (`http-ssl`, `grpc-tls`, `https`), other names, and opaque ports have none, so Linkerd detects their protocol.
   * `service.appProtocol` sets or omits it. Ports that the pods treat as opaque, and ports that serve mail, are opaque on
   * the Service as well (`config.linkerd.io/opaque-ports`).
   *
   * Needs a selector with `matchLabels`, and containers that declare ports. Pulumi waits for the Deployment and not for
   * the endpoints of the Service.
   *
   * @default false
   * @example `service: { ports: { http: 80 }, type: "LoadBalancer" }`
   */
  service?: boolean | ServiceOptions | undefined;
  /**
   * Create a ServiceAccount (https://kubernetes.io/docs/concepts/security/service-accounts/) and run the pods as it, so
   * that the workload has a mesh identity of its own, which the `allowFrom` of other workloads can name. Its name is the
   * Deployment's `metadata.name`, or else the name of the component.
   *
   * Cannot be combined with `serviceAccountName` in the spec.
   *
   * @default false, the ServiceAccount in the spec, or else `default` of the namespace
   */
  serviceAccount?: boolean | ServiceAccountOptions | undefined;
  /**
   * Create a PodDisruptionBudget (https://kubernetes.io/docs/tasks/run-application/configure-pdb/) for the pods. `true`
   * allows one pod to be unavailable. Pods that are not ready can always be evicted (`unhealthyPodEvictionPolicy:
   * AlwaysAllow`), so a broken workload does not block the drain of a node.
   *
   * A budget that would block every drain is an error.
   *
   * @default false
   * @example `disruptionBudget: { minAvailable: "50%" }`
   */
  disruptionBudget?: boolean | DisruptionBudgetOptions | undefined;
  /**
   * Create a HorizontalPodAutoscaler (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/) on the
   * CPU or memory usage of the application container, without the proxy's. The Deployment is created with the `replicas` of
   * the spec, or else with `min`. From then on, only the autoscaler changes the number: changes of `spec.replicas` are
   * ignored, so turning it on does not change a running workload. To turn it off, remove `replicas` as well, and the
   * number stays.
   *
   * The application container must request the resources that are measured, in the spec or with `resources`.
   *
   * @default none
   * @example `autoscaling: { min: 2, max: 10, cpu: 70 }`
   */
  autoscaling?: AutoscalingOptions | undefined;
  /**
   * Spread the pods evenly over nodes and zones
   * (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/). The constraints are
   * preferences (`ScheduleAnyway`), so a pod always starts. `topologySpreadConstraints` in the spec take precedence.
   *
   * @default false
   */
  topologySpread?: boolean | undefined;
  /**
   * Add HTTP probes to the application container
   * (https://kubernetes.io/docs/concepts/workloads/pods/probes/). Probes in the spec take precedence. Paths
   * must begin with `/`: Linkerd exempts a probe from authorization by its path as it is written.
   *
   * @default none
   * @example `probes: { readiness: "/ready", liveness: "/live" }`
   */
  probes?: ProbeOptions | undefined;
  /**
   * Set the resource requests of the application container
   * (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/). `true` requests 100m of CPU and
   * 128Mi of memory. Requests in the spec take precedence.
   *
   * @default false
   * @example `resources: { cpu: "250m", memory: "512Mi" }`
   */
  resources?: boolean | ResourceOptions | undefined;
  /**
   * `restricted` sets the security context that the Pod Security Standard of that name requires
   * (https://kubernetes.io/docs/concepts/security/pod-security-standards/) on the pod and on each of its containers.
   * Values in the spec take precedence. It sets no user: an image that runs as root does not start without `runAsUser` in
   * the spec.
   *
   * A namespace can enforce `restricted` if Linkerd runs with its CNI plugin. Otherwise, Linkerd's init container needs
   * more privileges.
   *
   * @default none
   */
  podSecurity?: "restricted" | undefined;
  /**
   * The workloads that may call this one. Linkerd then denies all other callers
   * (https://linkerd.io/2/reference/authorization-policy/). A list applies to each TCP port of the containers. An object
   * has a list for each port, by its name or number, or `"all"` to leave the port open to everyone, also to callers
   * outside the mesh; it must name each TCP port.
   *
   * Creates a Server and an AuthorizationPolicy for each TCP port, and a MeshTLSAuthentication for each list. An open
   * port has a Server only.
   *
   * The kubelet has no identity. Linkerd exempts plain HTTP probes; gRPC and HTTPS probes and hooks that call such a
   * port are errors. A port in `mesh.skipInboundPorts` has no Server and stays open to all callers, because connections
   * to it bypass the proxy. A port that callers skip outbound, e.g. for mail, is an error, because such callers have no
   * identity.
   *
   * The ports of the containers must be plain values. Cannot be combined with pods that are not meshed.
   *
   * @default all callers that the mesh's `defaultInboundPolicy` allows
   * @example `allowFrom: [web.identity, { serviceAccount: "batch", namespace: "jobs" }]`
   * @example `allowFrom: { http: [web.identity], metrics: [{ serviceAccount: "prometheus", namespace: "monitoring" }] }`
   */
  allowFrom?: AllowFrom | undefined;
  /**
   * Timeouts of meshed callers (https://linkerd.io/2/reference/timeouts/), as annotations of the Service.
   *
   * Needs `service`, and ports on which callers read HTTP: opaque ports and ports that callers skip outbound are errors if
   * their names declare HTTP, or if there are no others.
   *
   * @default none: callers wait without a limit
   * @example `timeouts: { request: "10s" }`
   */
  timeouts?: TimeoutOptions | undefined;
  /**
   * Retries of meshed callers (https://linkerd.io/2/reference/retries/), as annotations of the Service.
   *
   * Needs `service`, and ports on which callers read HTTP: opaque ports and ports that callers skip outbound are errors if
   * their names declare HTTP, or if there are no others.
   *
   * @default none
   * @example `retries: { limit: 2, http: ["5xx"] }`
   */
  retries?: RetryOptions | undefined;
  /**
   * Functions that change a child before it is created, for fields that no other argument covers. They run last, and
   * their results are not validated.
   *
   * @default none
   * @example `transform: { deployment: (args, opts) => ({ opts: { ...opts, protect: true } }) }`
   */
  transform?: DeploymentTransforms | undefined;
}

/** The fields of {@link MeshedDeploymentArgs}, to reject others from callers without a type checker. */
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
  "transform",
];

/** Former names of fields. */
export const RENAMED_FIELDS: Readonly<Record<string, string>> = {
  spread: "topologySpread",
  restricted: 'podSecurity: "restricted"',
};

/** The options of a companion: `true` means the defaults, `false` and `undefined` mean that it is not enabled. */
export function resolveOption<T extends object>(option: boolean | T | undefined): T | undefined {
  return option === true ? ({} as T) : option || undefined;
}
