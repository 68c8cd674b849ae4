/** Jobs: the proxy exits with the containers of a Job, so that it completes. */
import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { eventually } from "../observation/eventually.ts";
import { applicationStatuses, isProxyRunning, nameOf, type ProxyKind, proxyOf } from "../observation/pods.ts";
import { mergeByCause, missingProxies } from "../observation/problems.ts";
import { formatDuration } from "../observation/requests.ts";
import type { Finding, Problem } from "../report/finding.ts";
import type { WorkloadName } from "../workloads/names.ts";
import type { Check, CheckContext } from "./check.ts";

/** The CronJob starts a pod each minute. */
const WITHIN_MS = 75_000;

export interface JobPod {
  readonly pod: string;
  readonly phase: string;
  readonly proxy: ProxyKind;
  readonly proxyRunning: boolean;
  /** The highest exit code of the application's containers; `undefined` while one of them runs or waits. */
  readonly exitCode: number | undefined;
  /** Why a container of the application waits, e.g. `ImagePullBackOff`. */
  readonly waiting: string | undefined;
}

export interface JobObservation {
  readonly workload: WorkloadName;
  readonly completed: boolean;
  readonly pods: readonly JobPod[];
}

export interface JobsObservation {
  readonly workloads: readonly JobObservation[];
  /** Duration of the observation. */
  readonly ms: number;
}

export const jobs: Check = {
  name: "jobs",
  title: "A Job and a pod of a CronJob complete",
  workloads: ["job", "cron-job"],
  run: async (context) => {
    const start = performance.now();
    const workloads = await eventually(
      () => observe(context),
      (workloads) => workloads.every(({ completed }) => completed),
      { withinMs: WITHIN_MS, intervalMs: 2_000, signal: context.signal },
    );
    return judgeJobs({ workloads, ms: performance.now() - start });
  },
};

async function observe(context: CheckContext): Promise<JobObservation[]> {
  const [job, cronJob] = await Promise.all([context.cluster.pods("job"), context.cluster.pods("cron-job")]);
  return [
    { workload: "job", completed: await isJobComplete(context), pods: job.map(describe) },
    {
      workload: "cron-job",
      completed: cronJob.some(({ status }) => status?.phase === "Succeeded"),
      pods: cronJob.map(describe),
    },
  ];
}

async function isJobComplete({ cluster, namespace }: CheckContext): Promise<boolean> {
  const path = `/apis/batch/v1/namespaces/${namespace}/jobs/job`;
  const { status, body } = await cluster.get(path);
  if (status !== 200) throw new Error(`GET ${path}: must answer with 200, got ${status}`);
  return ((JSON.parse(body) as V1Job).status?.succeeded ?? 0) > 0;
}

function describe(pod: V1Pod): JobPod {
  const states = applicationStatuses(pod).map(({ state }) => state);
  const exitCodes = states.flatMap((state) => state?.terminated?.exitCode ?? []);
  const exited = exitCodes.length > 0 && exitCodes.length === states.length;
  return {
    pod: nameOf(pod),
    phase: pod.status?.phase ?? "Unknown",
    proxy: proxyOf(pod),
    proxyRunning: isProxyRunning(pod),
    exitCode: exited ? Math.max(...exitCodes) : undefined,
    waiting: states.find((state) => state?.waiting)?.waiting?.reason,
  };
}

export function judgeJobs({ workloads, ms }: JobsObservation): Finding {
  const unmeshed = workloads.filter(({ pods }) => pods.some(({ proxy }) => proxy === undefined));
  if (unmeshed.length > 0) {
    return { observed: [], problems: [missingProxies(unmeshed.map(({ workload }) => workload))] };
  }
  const incomplete = workloads.filter(({ completed, pods }) => !completed || pods.length === 0);
  if (incomplete.length > 0) {
    return { observed: [], problems: mergeByCause(incomplete.map((workload) => explain(workload, ms))) };
  }
  return { observed: workloads.map(formatCompleted), problems: [] };
}

function formatCompleted({ workload, pods }: JobObservation): string {
  const kinds = new Set(pods.map(({ proxy }) => (proxy === "native" ? "a native sidecar" : "a container")));
  const kind = [...kinds].join(" or ");
  return workload === "job"
    ? `the Job completed, with the proxy as ${kind}`
    : `a pod of the CronJob completed, with the proxy as ${kind}`;
}

/** Why a workload has not completed, by the pod that shows it best. */
function explain({ workload, pods }: JobObservation, ms: number): Problem {
  const pod =
    pods.find(({ exitCode, proxyRunning }) => exitCode === 0 && proxyRunning) ??
    pods.find(({ exitCode = 0 }) => exitCode > 0) ??
    pods.at(-1);
  const within = formatDuration(ms);
  const [observed, cause] = pod
    ? explainPod(pod, within)
    : [
        `no pod after ${within}`,
        "The controller did not create a pod, or it was deleted: the events of the namespace state the reason.",
      ];
  return { observed: `${workload}: ${observed}`, cause, docs: "docs/workloads.md#other-workloads" };
}

/** The observation and its cause. */
function explainPod(
  { pod, phase, proxy, proxyRunning, exitCode, waiting }: JobPod,
  within: string,
): [observed: string, cause: string] {
  if (exitCode === undefined) {
    return [
      `the container of pod ${pod} has not exited after ${within}, state ${waiting ?? phase}`,
      "The container did not start or still runs: the events of the pod and its log state the reason.",
    ];
  }
  if (exitCode > 0) {
    return [
      `the container of pod ${pod} failed with exit code ${exitCode}`,
      "The container failed: its log states the reason.",
    ];
  }
  if (!proxyRunning) {
    return [
      `the containers of pod ${pod} exited, but its phase is ${phase} after ${within}`,
      "The proxy failed, or the controller has not updated the status yet.",
    ];
  }
  return [
    `the container of pod ${pod} exited, but its proxy still runs after ${within}`,
    proxy === "native"
      ? "The proxy waits for open connections: its grace period is longer than the wait of this check."
      : "The proxy is not a native sidecar, so it does not exit with the containers of the pod.",
  ];
}
