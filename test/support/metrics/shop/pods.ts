/** The pods of the shop's workloads, with the names, addresses and labels that Kubernetes and Linkerd give them. */
import { createHash } from "node:crypto";
import type { Labels } from "../history.ts";
import {
  findWorkload,
  type Kind,
  nameWorkload,
  resolveGenerations,
  WORKLOADS,
  type Workload,
} from "./workloads.ts";

export interface Pod {
  readonly workload: Workload;
  readonly name: string;
  readonly ip: string;
  /** When it runs, in minutes. */
  readonly from: number;
  readonly to: number;
  /** The labels of the pod itself, as Prometheus writes their names. */
  readonly labels: Labels;
  /** The label with the owner, which the injector sets if it knows the owner. */
  readonly owner: Labels;
}

/** The label of a scraped series for each kind of owner. */
const OWNER_LABELS: Readonly<Partial<Record<Kind, string>>> = {
  deployment: "deployment",
  statefulset: "statefulset",
  daemonset: "daemonset",
  replicaset: "replicaset",
  replicationcontroller: "replicationcontroller",
  job: "k8s_job",
  cronjob: "cronjob",
};

export const PODS: readonly Pod[] = WORKLOADS.flatMap((workload, position) =>
  resolveGenerations(workload).flatMap(([from, to], generation) =>
    Array.from({ length: workload.replicas ?? 1 }, (_, replica) =>
      createPod(workload, [position, generation, replica], from, to),
    ),
  ),
);

/** The pods of `namespace/name`. */
export function findPods(workload: string): readonly Pod[] {
  return PODS.filter((pod) => nameWorkload(pod.workload) === workload);
}

/** When a workload calls others: while it has pods, which for a CronJob is now and then. */
export function findCallPeriods(
  workload: string,
  [from, to]: readonly [number, number],
): readonly (readonly [number, number])[] {
  const caller = findWorkload(workload);
  if (caller.kind !== "cronjob") return [[from, to]];
  return resolveGenerations(caller)
    .map(([start, end]) => [Math.max(from, start), Math.min(to, end)] as const)
    .filter(([start, end]) => start < end);
}

function createPod(
  workload: Workload,
  [position, generation, replica]: readonly [number, number, number],
  from: number,
  to: number,
): Pod {
  const { kind, name } = workload;
  const hash = shorten(`${name}/${generation}`, 10);
  const suffix = shorten(`${name}/${generation}/${replica}`, 5);
  const job = kind === "cronjob" ? `${name}-${29_000_000 + generation}` : name;
  const shapes: Readonly<Record<Kind, { name: string; labels: Labels }>> = {
    deployment: { name: `${name}-${hash}-${suffix}`, labels: { pod_template_hash: hash } },
    daemonset: {
      name: `${name}-${suffix}`,
      labels: { controller_revision_hash: hash, pod_template_generation: "1" },
    },
    replicaset: { name: `${name}-${suffix}`, labels: {} },
    replicationcontroller: { name: `${name}-${suffix}`, labels: {} },
    statefulset: {
      name: `${name}-${replica}`,
      labels: {
        apps_kubernetes_io_pod_index: String(replica),
        controller_revision_hash: `${name}-${hash}`,
        statefulset_kubernetes_io_pod_name: `${name}-${replica}`,
      },
    },
    job: { name: `${job}-${suffix}`, labels: labelJob(job) },
    cronjob: { name: `${job}-${suffix}`, labels: labelJob(job) },
    pod: { name, labels: {} },
  };
  const owner = workload.labelled === false ? undefined : OWNER_LABELS[kind];
  return {
    ...{ workload, from, to },
    name: shapes[kind].name,
    ip: `10.244.${position}.${10 + generation * 10 + replica}`,
    labels: {
      ...(workload.controlPlane === undefined
        ? { app: name }
        : { control_plane_component: workload.controlPlane }),
      ...shapes[kind].labels,
      ...workload.labels,
    },
    owner: owner === undefined ? {} : { [owner]: name },
  };
}

function labelJob(job: string): Labels {
  const uid = shorten(job, 32);
  return {
    ...{ batch_kubernetes_io_controller_uid: uid, controller_uid: uid },
    ...{ batch_kubernetes_io_job_name: job, job_name: job },
  };
}

function shorten(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** The name in a client's or server's certificate. */
export function getIdentity({ namespace, serviceAccount = "default" }: Workload): string {
  return `${serviceAccount}.${namespace}.serviceaccount.identity.linkerd.cluster.local`;
}
