/** Meshing for every kind of workload: the same change, at the path where the kind has its pod template. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { omitUndefined, updatePath } from "../inputs/outputs.ts";
import { sealSecrets } from "../inputs/sealed-secrets.ts";
import { IssueCollector } from "../inputs/validation.ts";
import type { MeshOptions } from "./mesh-options.ts";
import { meshedTemplate, type PodTemplate, type Report, type TemplateContext } from "./pod-template.ts";

/** The arguments of each kind of workload. */
export interface WorkloadArgs {
  Deployment: k8s.apps.v1.DeploymentArgs;
  StatefulSet: k8s.apps.v1.StatefulSetArgs;
  DaemonSet: k8s.apps.v1.DaemonSetArgs;
  Job: k8s.batch.v1.JobArgs;
  CronJob: k8s.batch.v1.CronJobArgs;
  Pod: k8s.core.v1.PodArgs;
}

export type WorkloadKind = keyof WorkloadArgs;

/**
 * What happens to the pods of a kind.
 *
 * - `restart`: a new pod template replaces them one by one.
 * - `complete`: they complete when their containers exit, which requires a native sidecar. A new template would run a
 *   Job again, because pulumi-kubernetes replaces the Job.
 * - `standalone`: the pod is the workload. New annotations do not change a pod that is already injected.
 */
type Lifecycle = "restart" | "complete" | "standalone";

interface Kind {
  readonly type: string;
  /** Where the pod template is in the arguments. */
  readonly path: readonly string[];
  readonly pods: Lifecycle;
}

const KINDS: Readonly<Record<WorkloadKind, Kind>> = {
  Deployment: { type: "kubernetes:apps/v1:Deployment", path: ["spec", "template"], pods: "restart" },
  StatefulSet: { type: "kubernetes:apps/v1:StatefulSet", path: ["spec", "template"], pods: "restart" },
  DaemonSet: { type: "kubernetes:apps/v1:DaemonSet", path: ["spec", "template"], pods: "restart" },
  Job: { type: "kubernetes:batch/v1:Job", path: ["spec", "template"], pods: "complete" },
  CronJob: {
    type: "kubernetes:batch/v1:CronJob",
    path: ["spec", "jobTemplate", "spec", "template"],
    pods: "complete",
  },
  Pod: { type: "kubernetes:core/v1:Pod", path: [], pods: "standalone" },
};

/**
 * The arguments of a workload of any kind, meshed: `new k8s.batch.v1.CronJob("report", meshed("CronJob", args))`.
 *
 * Without `mesh`, the pod template gets the label and the annotation `linkerd.io/inject: enabled`. A Job or CronJob also
 * gets a native sidecar, without which its pods never complete. Nothing else changes. With `mesh.ref`, the pods of a
 * Deployment, StatefulSet or DaemonSet restart when the mesh changes.
 *
 * Pods for Windows, which would not start with a proxy, are not changed.
 *
 * Throws a `ValidationError`, a `pulumi.RunError`, with every issue in `mesh`. Values in Outputs are checked when they
 * resolve. Conflicts with annotations of the pod template, and pods that a proxy cannot join, are logged as warnings.
 */
export function meshed<K extends WorkloadKind>(
  kind: K,
  args: WorkloadArgs[K],
  mesh: MeshOptions = {},
): WorkloadArgs[K] {
  const issues = new IssueCollector(`meshed("${kind}")`);
  const result = meshedArgs(kind, args, mesh, issues, (warning) => {
    void pulumi.log.warn(`${kind}: ${warning}`);
  });
  issues.assertValid();
  return result;
}

/**
 * As {@link meshed}, but adds issues to `issues` and passes warnings to `report`.
 *
 * @param servicePorts the ports of the Service of the pods, if it is known
 */
export function meshedArgs<K extends WorkloadKind>(
  kind: K,
  args: WorkloadArgs[K],
  mesh: MeshOptions,
  issues: IssueCollector,
  report: Report,
  context?: TemplateContext,
): WorkloadArgs[K] {
  const { path, pods } = KINDS[kind];
  const options = pods === "complete" ? { nativeSidecar: true, ...omitUndefined(mesh) } : mesh;
  return updatePath(args, path, (template) =>
    meshedTemplate(template as PodTemplate, options, pods === "restart", issues, report, context),
  ) as WorkloadArgs[K];
}

/**
 * A resource transform that meshes every workload that it receives, for third-party charts and YAML:
 *
 * ```ts
 * new k8s.helm.v4.Chart("redis", args, { transforms: [meshTransform({ opaquePorts: [6379] })] });
 * ```
 *
 * It changes Deployments, StatefulSets, DaemonSets, Jobs, CronJobs and Pods as {@link meshed} does, and no other
 * resource. Pods that a proxy cannot join are not reported, because a chart may have them beside others.
 * It does not reach the workloads of a `helm.v3.Release`, which the provider renders.
 */
export function meshTransform(mesh: MeshOptions = {}): pulumi.ResourceTransform {
  const kinds = Object.keys(KINDS) as WorkloadKind[];
  return async ({ type, name, props, opts }) => {
    const kind = kinds.find((each) => KINDS[each].type === type);
    if (kind === undefined) return undefined;
    const issues = new IssueCollector(`meshTransform of ${kind} "${name}"`);
    const report = (warning: string) => void pulumi.log.warn(`${kind} "${name}": ${warning}`);
    // A chart has workloads for Windows and for the host network beside others, which its user cannot change.
    const changed = meshedArgs(kind, props, mesh, issues, report, {
      unmeshable: { change: "none", silent: true },
    });
    issues.assertValid();
    return { props: (await sealSecrets(changed)) as typeof props, opts };
  };
}
