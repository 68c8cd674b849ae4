/** Meshing for every kind of workload: the same change, at the place where that kind keeps its pod template. */
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { isDeferred, omitUndefined, updatePath } from "../inputs/outputs.ts";
import { Mistakes } from "../inputs/validation.ts";
import type { MeshOptions } from "./mesh-options.ts";
import { meshedTemplate, type PodTemplate, type Report } from "./pod-template.ts";

/** What each kind of workload takes. */
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
 * Where each kind keeps its pod template, and what becomes of its pods. Those that `roll` are replaced one by one
 * when the template changes; those that `end` do so when their containers do, which takes a native sidecar; another
 * template would have a Job run again (pulumi-kubernetes replaces it), and would change nothing of a pod that stays.
 */
const KINDS: Record<WorkloadKind, { type: string; path: readonly string[]; pods: "roll" | "end" | "stay" }> =
  {
    Deployment: { type: "kubernetes:apps/v1:Deployment", path: ["spec", "template"], pods: "roll" },
    StatefulSet: { type: "kubernetes:apps/v1:StatefulSet", path: ["spec", "template"], pods: "roll" },
    DaemonSet: { type: "kubernetes:apps/v1:DaemonSet", path: ["spec", "template"], pods: "roll" },
    Job: { type: "kubernetes:batch/v1:Job", path: ["spec", "template"], pods: "end" },
    CronJob: {
      type: "kubernetes:batch/v1:CronJob",
      path: ["spec", "jobTemplate", "spec", "template"],
      pods: "end",
    },
    Pod: { type: "kubernetes:core/v1:Pod", path: [], pods: "stay" },
  };

/**
 * The arguments of a workload of any kind, meshed: `new k8s.batch.v1.CronJob("tidy", meshed("CronJob", args))`.
 *
 * Without `mesh` the pod template gets the label and the annotation `linkerd.io/inject: enabled`, those of a
 * Job or CronJob also ask for a native sidecar, without which a Job never ends; nothing else is changed. With
 * `mesh.ref` the pods of a Deployment, StatefulSet or DaemonSet roll with the mesh.
 * Throws a `RunError` that lists every mistake in `mesh`.
 */
export function meshed<K extends WorkloadKind>(
  kind: K,
  args: WorkloadArgs[K],
  mesh: MeshOptions = {},
): WorkloadArgs[K] {
  const mistakes = new Mistakes(`The mesh of a ${kind}`);
  const result = meshedArgs(kind, args, mesh, mistakes, (contradiction) => {
    void pulumi.log.warn(`${kind}: ${contradiction}`);
  });
  mistakes.throw();
  return result;
}

/** As {@link meshed}, but tells of mistakes and contradictions instead of acting on them. */
export function meshedArgs<K extends WorkloadKind>(
  kind: K,
  args: WorkloadArgs[K],
  mesh: MeshOptions,
  mistakes: Mistakes,
  report: Report,
): WorkloadArgs[K] {
  const { path, pods } = KINDS[kind];
  const intent = pods === "end" ? { nativeSidecar: true, ...omitUndefined(mesh) } : mesh;
  return updatePath(args, path, (template) =>
    meshedTemplate(template as PodTemplate, intent, pods === "roll", mistakes, report),
  ) as WorkloadArgs[K];
}

/**
 * A transform that meshes every workload that passes through, for charts and YAML of others:
 *
 * ```ts
 * new k8s.helm.v4.Chart("redis", args, { transforms: [meshTransform({ opaquePorts: [6379] })] });
 * ```
 *
 * It changes Deployments, StatefulSets, DaemonSets, Jobs, CronJobs and Pods as {@link meshed} does, and
 * leaves all else alone. A `helm.v3.Release` renders out of its reach.
 */
export function meshTransform(mesh: MeshOptions = {}): pulumi.ResourceTransform {
  const kinds = Object.keys(KINDS) as WorkloadKind[];
  return async ({ type, name, props, opts }) => {
    const kind = kinds.find((each) => KINDS[each].type === type);
    if (kind === undefined) return undefined;
    const mistakes = new Mistakes(`The mesh of ${kind} "${name}"`);
    const changed = meshedArgs(kind, props, mesh, mistakes, (contradiction) => {
      void pulumi.log.warn(`${kind} "${name}": ${contradiction}`);
    });
    mistakes.throw();
    return { props: (await sealed(changed)) as typeof props, opts };
  };
}

/**
 * A copy with each secret Output as the wire has it. Pulumi's own writing of what a transform gives back knows of
 * secrets only where the CLI runs the program: in the Automation API, they would go into the state in plain.
 */
async function sealed(value: unknown): Promise<unknown> {
  const { specialSigKey, specialSecretSig } = pulumi.runtime;
  if (pulumi.Output.isInstance(value)) {
    const secret = await pulumi.isSecret(value);
    return secret ? { [specialSigKey]: specialSecretSig, value: pulumi.unsecret(value) } : value;
  }
  if (Array.isArray(value)) return Promise.all(value.map(sealed));
  if (value === null || typeof value !== "object" || isDeferred(value)) return value;
  const entries = Object.entries(value).map(async ([key, each]) => [key, await sealed(each)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
