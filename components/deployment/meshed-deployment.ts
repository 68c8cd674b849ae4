import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Mistakes } from "../inputs/validation.ts";
import { splitOptions, type WrappedResourceOptions } from "../meshing/wrapped-resource-options.ts";
import { type MeshedDeploymentArgs, resolveOption } from "./arguments.ts";
import { allowCallers } from "./authorization.ts";
import { autoscalingMetrics } from "./autoscaling.ts";
import { disruptionBudget } from "./disruption-budget.ts";
import { routeGrpc } from "./grpc-routes.ts";
import { planDeployment } from "./plan.ts";
import { accountOf, runAs } from "./service-account.ts";

/**
 * A drop-in for `k8s.apps.v1.Deployment` whose pods are in the mesh.
 *
 * The pod template gets the label and the annotation `linkerd.io/inject: enabled`; the selector, which
 * cannot be changed later, gets neither. What the caller set is kept: a template that says `disabled` in
 * either place stays out of the mesh. Whatever else is added was asked for: see {@link MeshedDeploymentArgs}.
 *
 * A plain Deployment of the same name moves in by an alias, without being replaced:
 * `{ aliases: [{ type: "kubernetes:apps/v1:Deployment" }] }`.
 *
 * Mistakes are reported together, in a `RunError`, before anything is registered; those in Outputs when
 * they are known.
 */
export class MeshedDeployment extends pulumi.ComponentResource {
  /** The Deployment itself. */
  public readonly deployment: k8s.apps.v1.Deployment;
  /** The Service, where one was asked for. */
  public readonly service: k8s.core.v1.Service | undefined;
  /** The ServiceAccount, where one was asked for. */
  public readonly serviceAccount: k8s.core.v1.ServiceAccount | undefined;

  constructor(name: string, args: MeshedDeploymentArgs, opts?: WrappedResourceOptions) {
    const mistakes = new Mistakes(`MeshedDeployment "${name}"`);
    const contradictions: string[] = [];
    let report = (contradiction: string): void => void contradictions.push(contradiction);
    const plan = planDeployment(name, args, mistakes, (contradiction) => report(contradiction));
    mistakes.throw();

    const options = splitOptions("Deployment", name, afterMesh(args, opts));
    super("linkerd-mesh:workloads:MeshedDeployment", name, {}, options.component);
    report = (contradiction) => void pulumi.log.warn(contradiction, this);
    contradictions.forEach(report);
    const child = { ...options.child, parent: this };

    const account = resolveOption(args.serviceAccount);
    this.serviceAccount =
      account &&
      new k8s.core.v1.ServiceAccount(
        name,
        { metadata: plan.named, automountServiceAccountToken: account.automountToken ?? false },
        child,
      );

    // Named as the component, without a suffix: its generated name stays what a plain Deployment would get.
    this.deployment = new k8s.apps.v1.Deployment(
      name,
      this.serviceAccount
        ? runAs(plan.deployment, this.serviceAccount.metadata.name, mistakes)
        : plan.deployment,
      { ...options.resource, parent: this },
    );
    this.service = plan.service && new k8s.core.v1.Service(name, plan.service, child);
    if (this.service) routeGrpc(name, this.service, plan.retried, child);
    const budget = resolveOption(args.disruptionBudget);
    if (budget) {
      new k8s.policy.v1.PodDisruptionBudget(
        name,
        {
          metadata: plan.beside,
          spec: {
            selector: plan.selector,
            ...disruptionBudget(budget),
            unhealthyPodEvictionPolicy: "AlwaysAllow",
          },
        },
        child,
      );
    }
    if (args.autoscaling) {
      new k8s.autoscaling.v2.HorizontalPodAutoscaler(
        name,
        {
          metadata: plan.beside,
          spec: {
            scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: this.name },
            minReplicas: args.autoscaling.min,
            maxReplicas: args.autoscaling.max,
            metrics: autoscalingMetrics(args.autoscaling, plan.container),
          },
        },
        child,
      );
    }
    if (args.allowFrom) {
      allowCallers(
        name,
        {
          named: plan.named,
          selector: plan.selector,
          ports: plan.guarded,
          callers: args.allowFrom,
        },
        child,
      );
    }
    this.registerOutputs({ deployment: this.deployment });
  }

  // Outputs are not free, and most programs ask for few of these: each is made when it is asked for.

  /** The Deployment's name in the cluster. */
  get name(): pulumi.Output<string> {
    return this.deployment.metadata.name;
  }

  /** Its namespace. */
  get namespace(): pulumi.Output<string> {
    return this.deployment.metadata.namespace;
  }

  /** The labels that select its pods. */
  get labels(): pulumi.Output<Record<string, string>> {
    return this.deployment.spec.selector.matchLabels;
  }

  /** What its pods are in the mesh, for the `allowFrom` of what they call. */
  get identity(): { serviceAccount: pulumi.Output<string>; namespace: pulumi.Output<string> } {
    if (this.serviceAccount) {
      const { name, namespace } = this.serviceAccount.metadata;
      return { serviceAccount: name, namespace };
    }
    // By field, each known though the rest of the spec may not be: an image, say.
    const { serviceAccountName, serviceAccount } = this.deployment.spec.template.spec;
    const account = pulumi
      .all({ serviceAccountName, serviceAccount })
      .apply((named) => (accountOf(named) as string | undefined) ?? "default");
    return { serviceAccount: account, namespace: this.namespace };
  }
}

/** A mesh of the same program comes first: without its injector, pods would start unmeshed and stay so. */
function afterMesh(
  { mesh }: MeshedDeploymentArgs,
  opts: WrappedResourceOptions = {},
): WrappedResourceOptions {
  if (!pulumi.Resource.isInstance(mesh?.ref)) return opts;
  return pulumi.mergeOptions(opts, { dependsOn: mesh.ref });
}
