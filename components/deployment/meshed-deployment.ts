import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { IssueCollector } from "../inputs/validation.ts";
import { splitOptions, type WrappedResourceOptions } from "../meshing/wrapped-resource-options.ts";
import type { MeshedDeploymentArgs } from "./arguments.ts";
import { planDeployment } from "./plan.ts";
import { replicaOptions } from "./replicas.ts";
import { accountOf, runAs } from "./service-account.ts";
import { createAuthorization } from "./traffic/authorization.ts";
import { createGrpcRoutes } from "./traffic/grpc-routes.ts";
import { createChild } from "./transform.ts";

/**
 * A drop-in for `k8s.apps.v1.Deployment` with pods in the mesh. It takes the same arguments and has the same outputs,
 * except that `urn` is the component's own.
 *
 * The pod template gets the label and the annotation `linkerd.io/inject: enabled`. The selector, which is immutable, gets
 * neither. Labels and annotations of the caller take precedence: a template with `disabled` in either place stays out of
 * the mesh. Every other child is opt-in: see {@link MeshedDeploymentArgs}.
 *
 * A plain Deployment of the same name moves into the component by an alias, and is not replaced:
 * `{ aliases: [{ type: "kubernetes:apps/v1:Deployment" }] }`.
 *
 * All issues with the arguments are reported in one `pulumi.RunError` before anything is registered. Values in Outputs
 * are checked when they resolve.
 *
 * @example
 * ```ts
 * const web = new MeshedDeployment("web", {
 *   metadata: { namespace: "shop" },
 *   spec,
 *   mesh: { ref: mesh },
 *   service: { ports: { http: 80 } },
 *   serviceAccount: true,
 *   allowFrom: [worker.identity],
 * });
 * export const replicas = web.status.readyReplicas;
 * ```
 */
export class MeshedDeployment
  extends pulumi.ComponentResource
  implements Pick<k8s.apps.v1.Deployment, "apiVersion" | "kind" | "metadata" | "spec" | "status" | "id">
{
  /** The Deployment. */
  public readonly deployment: k8s.apps.v1.Deployment;
  /** The Service, if `service` is enabled. */
  public readonly service: k8s.core.v1.Service | undefined;
  /** The ServiceAccount, if `serviceAccount` is enabled. */
  public readonly serviceAccount: k8s.core.v1.ServiceAccount | undefined;
  /** The PodDisruptionBudget, if `disruptionBudget` is enabled. */
  public readonly disruptionBudget: k8s.policy.v1.PodDisruptionBudget | undefined;
  /** The HorizontalPodAutoscaler, if `autoscaling` is set. */
  public readonly autoscaler: k8s.autoscaling.v2.HorizontalPodAutoscaler | undefined;
  /** The GRPCRoutes of `retries.grpc`, one for each gRPC port. */
  public readonly grpcRoutes: readonly k8s.apiextensions.CustomResource[];
  /** The Servers of `allowFrom`, one for each authorized port. */
  public readonly servers: readonly k8s.apiextensions.CustomResource[];
  /** The AuthorizationPolicies of `allowFrom`, one for each of `servers` that is not open to all, in the same order. */
  public readonly authorizationPolicies: readonly k8s.apiextensions.CustomResource[];
  /** The MeshTLSAuthentication of an `allowFrom` that is one list: the callers that all of `authorizationPolicies` require. */
  public readonly meshTlsAuthentication: k8s.apiextensions.CustomResource | undefined;
  /** All MeshTLSAuthentications of `allowFrom`: one, or one for each of `authorizationPolicies`, in the same order. */
  public readonly meshTlsAuthentications: readonly k8s.apiextensions.CustomResource[];

  constructor(name: string, args: MeshedDeploymentArgs, opts?: WrappedResourceOptions) {
    const issues = new IssueCollector(`MeshedDeployment "${name}"`);
    const warnings: string[] = [];
    let report = (warning: string): void => void warnings.push(warning);
    const plan = planDeployment(name, args, issues, (warning) => report(warning));
    issues.assertValid();

    const options = splitOptions("Deployment", name, afterMesh(args, opts));
    super("linkerd-mesh:workloads:MeshedDeployment", name, {}, options.component);
    issues.attachTo(this);
    report = (warning) => void pulumi.log.warn(warning, this);
    warnings.forEach(report);
    const { transform = {} } = args;
    const child = { ...options.child, parent: this };

    this.serviceAccount =
      plan.serviceAccount &&
      createChild(k8s.core.v1.ServiceAccount, transform.serviceAccount, name, plan.serviceAccount, child);
    // Its Pulumi name has no suffix, so that its generated name is that of a plain Deployment.
    this.deployment = createChild(
      k8s.apps.v1.Deployment,
      transform.deployment,
      name,
      this.serviceAccount
        ? runAs(plan.deployment, this.serviceAccount.metadata.name, issues)
        : plan.deployment,
      { ...replicaOptions(args, options.resource), parent: this },
    );
    this.service =
      plan.service && createChild(k8s.core.v1.Service, transform.service, name, plan.service, child);
    this.grpcRoutes = this.service
      ? createGrpcRoutes(
          name,
          { service: this.service, ports: plan.grpcPorts, labels: plan.labels },
          transform.grpcRoute,
          child,
        )
      : [];
    this.disruptionBudget =
      plan.disruptionBudget &&
      createChild(
        k8s.policy.v1.PodDisruptionBudget,
        transform.disruptionBudget,
        name,
        plan.disruptionBudget,
        child,
      );
    this.autoscaler =
      plan.autoscaler &&
      createChild(
        k8s.autoscaling.v2.HorizontalPodAutoscaler,
        transform.autoscaler,
        name,
        plan.autoscaler(this.name),
        child,
      );
    const authorization =
      plan.authorization && createAuthorization(name, plan.authorization, transform, child);
    this.meshTlsAuthentications = authorization?.meshTlsAuthentications ?? [];
    this.meshTlsAuthentication = Array.isArray(args.allowFrom) ? this.meshTlsAuthentications[0] : undefined;
    this.authorizationPolicies = authorization?.authorizationPolicies ?? [];
    this.servers = authorization?.servers ?? [];
    this.registerOutputs({ deployment: this.deployment });
  }

  // Getters: every Output costs memory, and most programs use few of them.

  /** As on `k8s.apps.v1.Deployment`. */
  get apiVersion(): pulumi.Output<"apps/v1"> {
    return this.deployment.apiVersion;
  }

  /** As on `k8s.apps.v1.Deployment`. */
  get kind(): pulumi.Output<"Deployment"> {
    return this.deployment.kind;
  }

  /** As on `k8s.apps.v1.Deployment`. */
  get metadata(): k8s.apps.v1.Deployment["metadata"] {
    return this.deployment.metadata;
  }

  /** As on `k8s.apps.v1.Deployment`. */
  get spec(): k8s.apps.v1.Deployment["spec"] {
    return this.deployment.spec;
  }

  /** As on `k8s.apps.v1.Deployment`. */
  get status(): k8s.apps.v1.Deployment["status"] {
    return this.deployment.status;
  }

  /** The ID of the Deployment: `<namespace>/<name>`. */
  get id(): pulumi.Output<pulumi.ID> {
    return this.deployment.id;
  }

  /** The name of the Deployment in the cluster. */
  get name(): pulumi.Output<string> {
    return this.deployment.metadata.name;
  }

  /** The namespace of the Deployment. */
  get namespace(): pulumi.Output<string> {
    return this.deployment.metadata.namespace;
  }

  /** The labels that select the pods. */
  get labels(): pulumi.Output<Record<string, string>> {
    return this.deployment.spec.selector.matchLabels;
  }

  /** The mesh identity of the pods, for the `allowFrom` of the workloads that they call. */
  get identity(): { serviceAccount: pulumi.Output<string>; namespace: pulumi.Output<string> } {
    if (this.serviceAccount) {
      const { name, namespace } = this.serviceAccount.metadata;
      return { serviceAccount: name, namespace };
    }
    // Field by field: each may be known while the rest of the spec, e.g. an image, is not.
    const { serviceAccountName, serviceAccount } = this.deployment.spec.template.spec;
    const account = pulumi
      .all({ serviceAccountName, serviceAccount })
      .apply((podSpec) => (accountOf(podSpec) as string | undefined) ?? "default");
    return { serviceAccount: account, namespace: this.namespace };
  }
}

/** Options that create a mesh of the same program first: without its injector, pods would start unmeshed and stay so. */
function afterMesh(
  { mesh }: MeshedDeploymentArgs,
  opts: WrappedResourceOptions = {},
): WrappedResourceOptions {
  if (!pulumi.Resource.isInstance(mesh?.ref)) return opts;
  return pulumi.mergeOptions(opts, { dependsOn: mesh.ref });
}
