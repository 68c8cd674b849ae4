/** The plan of a MeshedDeployment: the arguments of its children. Registers nothing. */
import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { mapInput, peekPath, readPath } from "../inputs/outputs.ts";
import type { IssueCollector } from "../inputs/validation.ts";
import type { ObjectMeta, PodSpec, PodTemplate, Report, StringMap } from "../meshing/pod-template.ts";
import { meshedArgs } from "../meshing/workload-kinds.ts";
import { type MeshedDeploymentArgs, resolveOption } from "./arguments.ts";
import { autoscalerArgs } from "./autoscaling.ts";
import { disruptionBudgetArgs } from "./disruption-budget.ts";
import { validateKubeletCalls } from "./kubelet/kubelet-access.ts";
import { shapePodSpec } from "./pod-spec.ts";
import { initialReplicas } from "./replicas.ts";
import { serviceArgs } from "./service.ts";
import type { Authorization } from "./traffic/authorization.ts";
import { findAuthorizedPorts } from "./traffic/authorized-ports.ts";
import { findRetriedGrpcPorts, type GrpcPort } from "./traffic/grpc-routes.ts";
import { trafficAnnotations } from "./traffic/timeouts-and-retries.ts";
import type {
  AutoscalerChildArgs,
  DisruptionBudgetChildArgs,
  ServiceAccountChildArgs,
  ServiceChildArgs,
} from "./transform.ts";
import { validateDeployment } from "./validation.ts";
import { readWorkloadPorts } from "./workload-ports.ts";

type DeploymentSpec = k8s.types.input.apps.v1.DeploymentSpec;
type LabelSelector = k8s.types.input.meta.v1.LabelSelector;

/** The arguments of the children. Those of a child that is not enabled are `undefined` or empty. */
export interface DeploymentPlan {
  readonly deployment: k8s.apps.v1.DeploymentArgs;
  readonly serviceAccount: ServiceAccountChildArgs | undefined;
  readonly service: ServiceChildArgs | undefined;
  readonly disruptionBudget: DisruptionBudgetChildArgs | undefined;
  /** Takes the name of the Deployment. */
  readonly autoscaler: ((deployment: pulumi.Input<string>) => AutoscalerChildArgs) | undefined;
  readonly authorization: Authorization | undefined;
  /** The gRPC ports of the Service that get a GRPCRoute. */
  readonly grpcPorts: readonly GrpcPort[];
  /** Labels of the Deployment, and so of every child. */
  readonly labels: pulumi.Input<StringMap> | undefined;
}

/** Plans all children, as far as their arguments are known. Adds all issues with `args`. */
export function planDeployment(
  name: string,
  args: MeshedDeploymentArgs,
  issues: IssueCollector,
  report: Report,
): DeploymentPlan {
  const { metadata, spec, apiVersion, kind } = args;
  const given = { ...(apiVersion && { apiVersion }), ...(kind && { kind }), ...(metadata && { metadata }) };
  const service = resolveOption(args.service);
  const shaped = spec === undefined ? undefined : shapeSpec(spec as pulumi.Input<DeploymentSpec>, args);
  const deployment = meshedArgs(
    "Deployment",
    { ...given, ...(shaped !== undefined && { spec: shaped }) } as k8s.apps.v1.DeploymentArgs,
    args.mesh ?? {},
    issues,
    report,
    service && (service.ports ?? {}),
    { change: "disable" },
  );
  const firstContainer = ["template", "spec", "containers", "0"];
  validateDeployment(args, peekPath(shaped, ...firstContainer), issues, report);
  validateKubeletCalls(args, deployment, issues, report);

  const labels = readPath(metadata, "labels") as pulumi.Input<StringMap> | undefined;
  // A field that is absent is `undefined`, which is not part of a resource's inputs.
  const inNamespace = {
    namespace: readPath(metadata, "namespace") as pulumi.Input<string>,
    ...(labels !== undefined && { labels }),
  } satisfies ObjectMeta;
  const named = {
    name: mapInput(readPath(metadata, "name"), (own) => (own as string) ?? name),
    ...inNamespace,
  };
  const selector = readPath(spec, "selector") as pulumi.Input<LabelSelector>;

  const ports = readWorkloadPorts(args, deployment, issues);
  const traffic = trafficAnnotations(args.timeouts, args.retries, issues);

  const serviceAccount = resolveOption(args.serviceAccount);
  const budget = resolveOption(args.disruptionBudget);
  const { autoscaling, allowFrom } = args;
  return {
    deployment,
    serviceAccount: serviceAccount && {
      metadata: named,
      automountServiceAccountToken: serviceAccount.automountToken ?? false,
    },
    service: service && serviceArgs(service, { metadata: named, selector, traffic, ports }, issues),
    disruptionBudget: budget && disruptionBudgetArgs(budget, inNamespace, selector),
    autoscaler:
      autoscaling &&
      ((deploymentName) =>
        autoscalerArgs(autoscaling, {
          metadata: inNamespace,
          deployment: deploymentName,
          container: readPath(shaped, ...firstContainer, "name") as pulumi.Input<string>,
        })),
    authorization: allowFrom && {
      metadata: named,
      selector,
      ports: findAuthorizedPorts(args, deployment, ports, issues),
      callers: Array.isArray(allowFrom) ? allowFrom : undefined,
    },
    grpcPorts: findRetriedGrpcPorts(args, ports, issues),
    labels,
  };
}

/** A copy of the spec with the options for its pods. Without any of them, it is the caller's own object. */
function shapeSpec(
  spec: pulumi.Input<DeploymentSpec>,
  { autoscaling, topologySpread, resources, probes, podSecurity }: MeshedDeploymentArgs,
): pulumi.Input<DeploymentSpec> {
  const shape = { probes, podSecurity, resources: resolveOption(resources) };
  if (!autoscaling && !topologySpread && !probes && !podSecurity && !shape.resources) return spec;
  return mapInput(spec, (own) => ({
    ...own,
    ...(autoscaling && { replicas: initialReplicas(own.replicas as pulumi.Input<number>, autoscaling) }),
    template: mapInput(own.template as pulumi.Input<PodTemplate>, (template) => ({
      ...template,
      spec: shapePodSpec(template.spec as pulumi.Input<PodSpec>, {
        ...shape,
        topologySpread: topologySpread ? own.selector : undefined,
      }),
    })),
  }));
}
