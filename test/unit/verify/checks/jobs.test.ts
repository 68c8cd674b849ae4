import type { V1ContainerState, V1ContainerStatus, V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { type JobObservation, type JobPod, jobs, judgeJobs } from "../../../../verify/checks/jobs.ts";
import type { WorkloadName } from "../../../../verify/workloads/names.ts";
import { contextOn, meshedPod, NAMESPACE, withoutWaiting } from "../../../support/probe-cluster.ts";

const completedPod: JobPod = {
  pod: "job-x",
  phase: "Succeeded",
  proxy: "native",
  proxyRunning: false,
  exitCode: 0,
  waiting: undefined,
};
const withPod = (workload: WorkloadName, pod: Partial<JobPod> = {}): JobObservation => ({
  workload,
  completed: false,
  pods: [{ ...completedPod, pod: `${workload}-x`, phase: "Running", ...pod }],
});
const job: JobObservation = { ...withPod("job", { phase: "Succeeded" }), completed: true };
const cronJob: JobObservation = { ...withPod("cron-job", { phase: "Succeeded" }), completed: true };

test("a Job and a pod of a CronJob that complete with a proxy pass", () => {
  expect(judgeJobs({ workloads: [job, cronJob], ms: 8_000 })).toEqual({
    observed: [
      "the Job completed, with the proxy as a native sidecar",
      "a pod of the CronJob completed, with the proxy as a native sidecar",
    ],
    problems: [],
  });
});

const stuck: Partial<JobPod> = { proxy: "container", proxyRunning: true };

test.each<[broken: string, workloads: JobObservation[], observed: RegExp, cause: RegExp]>([
  [
    "native sidecars that are off",
    [withPod("job", stuck), withPod("cron-job", stuck)],
    /^job: the container of pod job-x exited, but its proxy still runs after 75\.0 s; cron-job: the container of pod cron-job-x exited/,
    /not a native sidecar/,
  ],
  [
    "a native sidecar that does not stop",
    [job, withPod("cron-job", { proxyRunning: true })],
    /^cron-job: the container of pod cron-job-x exited, but its proxy still runs/,
    /grace period/,
  ],
  [
    "an older pod that is stuck behind a newer one",
    [
      job,
      {
        ...withPod("cron-job"),
        pods: [
          { ...completedPod, ...stuck },
          { ...completedPod, exitCode: undefined },
        ],
      },
    ],
    /its proxy still runs/,
    /not a native sidecar/,
  ],
  [
    "a container that fails",
    [withPod("job", { exitCode: 1, phase: "Failed" }), cronJob],
    /^job: the container of pod job-x failed with exit code 1/,
    /its log/,
  ],
  [
    "a container that does not start",
    [withPod("job", { exitCode: undefined, phase: "Pending", waiting: "ImagePullBackOff" }), cronJob],
    /has not exited after 75\.0 s, state ImagePullBackOff/,
    /did not start or still runs/,
  ],
  [
    "a container that runs too long",
    [withPod("job", { exitCode: undefined }), cronJob],
    /has not exited after 75\.0 s, state Running/,
    /did not start or still runs/,
  ],
  [
    "a pod whose proxy failed",
    [withPod("job", { phase: "Failed" }), cronJob],
    /exited, but its phase is Failed/,
    /The proxy failed/,
  ],
  [
    "a CronJob without pods",
    [job, { workload: "cron-job", completed: false, pods: [] }],
    /^cron-job: no pod after 75\.0 s/,
    /did not create a pod/,
  ],
  [
    "a completed Job whose pod was deleted",
    [{ workload: "job", completed: true, pods: [] }, cronJob],
    /^job: no pod after 75\.0 s/,
    /it was deleted/,
  ],
  [
    "a Job that completes without a proxy",
    [{ ...job, pods: [{ ...completedPod, proxy: undefined }] }, cronJob],
    /no proxy in the pods of job, so this check proves nothing/,
    /injector/,
  ],
])("%s is one problem", (_, workloads, observed, cause) => {
  const { problems } = judgeJobs({ workloads, ms: 75_000 });
  expect(problems).toHaveLength(1);
  expect(problems[0]?.observed).toMatch(observed);
  expect(problems[0]?.cause).toMatch(cause);
});

const status = (name: string, state: V1ContainerState): V1ContainerStatus => ({
  name,
  state,
  ready: false,
  restartCount: 0,
  image: "",
  imageID: "",
});
const exited: V1ContainerState = { terminated: { exitCode: 0 } };
const running: V1ContainerState = { running: {} };

function podOf(name: string, phase: string, application: V1ContainerState, proxy: V1ContainerState): V1Pod {
  return meshedPod(name, {
    status: {
      phase,
      initContainerStatuses: [status("linkerd-init", exited), status("linkerd-proxy", proxy)],
      containerStatuses: [status("main", application)],
    },
  });
}

/** A Job that is complete, and a CronJob with a new pod state in each attempt. The last one is repeated. */
function simulate(...cronPods: V1Pod[][]) {
  const paths: string[] = [];
  let attempt = 0;
  return {
    paths,
    pods: (workload: string) =>
      workload === "job"
        ? [podOf("job-x", "Succeeded", exited, exited)]
        : (cronPods[Math.min(attempt++, cronPods.length - 1)] ?? []),
    get: (path: string) => {
      paths.push(path);
      return { status: 200, body: JSON.stringify({ status: { succeeded: 1 } }) };
    },
  };
}

test("the check waits for the first pod of the CronJob to complete", async () => {
  const cluster = simulate(
    [],
    [podOf("cron-job-1", "Pending", { waiting: { reason: "PodInitializing" } }, { waiting: {} })],
    [podOf("cron-job-1", "Running", exited, running)],
    [podOf("cron-job-1", "Succeeded", exited, exited)],
  );
  const { observed, problems } = await withoutWaiting(() => jobs.run(contextOn(cluster)));
  expect(problems).toEqual([]);
  expect(observed).toHaveLength(2);
  expect(new Set(cluster.paths)).toEqual(new Set([`/apis/batch/v1/namespaces/${NAMESPACE}/jobs/job`]));
});

test("the check stops waiting after a bounded time and judges the last attempt", async () => {
  const cluster = simulate([], [podOf("cron-job-1", "Running", exited, running)]);
  const { problems } = await withoutWaiting(() => jobs.run(contextOn(cluster)));
  expect(problems.map(({ observed }) => observed)).toEqual([
    "cron-job: the container of pod cron-job-1 exited, but its proxy still runs after 74.0 s",
  ]);
});

test("the check reports why a container waits", async () => {
  const waiting = { waiting: { reason: "ImagePullBackOff" } };
  const cluster = simulate([podOf("cron-job-1", "Pending", waiting, running)]);
  const { problems } = await withoutWaiting(() => jobs.run(contextOn(cluster)));
  expect(problems[0]?.observed).toContain(
    "pod cron-job-1 has not exited after 74.0 s, state ImagePullBackOff",
  );
});

test("an API server that does not return the Job ends the check with an error", async () => {
  const context = contextOn({ ...simulate([]), get: () => ({ status: 404, body: "" }) });
  await expect(jobs.run(context)).rejects.toThrow("jobs/job: must answer with 200, got 404");
});

test("a pod with a container that still runs has not exited", async () => {
  const pod = podOf("cron-job-1", "Running", exited, running);
  pod.status?.containerStatuses?.push(status("second", running));
  const { problems } = await withoutWaiting(() => jobs.run(contextOn(simulate([pod]))));
  expect(problems[0]?.observed).toContain("pod cron-job-1 has not exited after 74.0 s, state Running");
});
