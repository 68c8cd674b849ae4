import type { V1Deployment, V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { isRolledOut } from "../../../verify/cluster/kubernetes-probe-cluster.ts";
import { describeDeployment } from "../../../verify/cluster/readiness.ts";

const READY: V1Deployment = {
  metadata: { generation: 2 },
  spec: { replicas: 2 } as V1Deployment["spec"],
  status: { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 },
} as V1Deployment;

const withStatus = (status: V1Deployment["status"]): V1Deployment => ({
  ...READY,
  status: { ...READY.status, ...status },
});

test("a rollout is complete when all pods are new and available", () => {
  expect(isRolledOut(READY)).toBe(true);
  expect(isRolledOut(withStatus({ observedGeneration: 1 }))).toBe(false);
  expect(isRolledOut(withStatus({ replicas: 3 }))).toBe(false);
  expect(isRolledOut(withStatus({ updatedReplicas: 1 }))).toBe(false);
  expect(isRolledOut(withStatus({ availableReplicas: 1 }))).toBe(false);
});

const pod = (status: object): V1Pod => ({ status }) as V1Pod;
const waiting = (name: string, reason: string, message?: string) => ({
  name,
  ready: false,
  state: { waiting: { reason, message } },
});
const NOT_READY = withStatus({ availableReplicas: 0 });

test.each([
  ["a ready Deployment has no obstacle", READY, [], undefined],
  ["a Deployment that was not created does not exist", undefined, [], "it does not exist"],
  [
    "pods that the API server rejects are explained by the Deployment",
    withStatus({
      availableReplicas: 0,
      conditions: [
        { type: "ReplicaFailure", status: "True", message: 'pods "flaky-1" is forbidden: exceeded quota' },
      ],
    }),
    [],
    'pods "flaky-1" is forbidden: exceeded quota',
  ],
  [
    "an image that cannot be pulled is named",
    NOT_READY,
    [pod({ containerStatuses: [waiting("main", "ImagePullBackOff", 'Back-off pulling image "node:24"')] })],
    '0 of 2 pods are ready: container main: ImagePullBackOff: Back-off pulling image "node:24"',
  ],
  [
    "the init container that stops the others is named, once for all pods",
    NOT_READY,
    Array.from({ length: 2 }, () =>
      pod({
        initContainerStatuses: [
          { ...waiting("linkerd-init", "CrashLoopBackOff"), lastState: { terminated: { exitCode: 1 } } },
        ],
        containerStatuses: [waiting("main", "PodInitializing")],
      }),
    ),
    "0 of 2 pods are ready: container linkerd-init: CrashLoopBackOff: exit code 1",
  ],
  [
    "a pod that no node can run is explained by the scheduler",
    NOT_READY,
    [pod({ conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes are available" }] })],
    "0 of 2 pods are ready: 0/3 nodes are available",
  ],
  [
    "a container that runs and is not ready is named",
    NOT_READY,
    [pod({ containerStatuses: [{ name: "linkerd-proxy", ready: false, state: { running: {} } }] })],
    "0 of 2 pods are ready: container linkerd-proxy runs, but is not ready",
  ],
] as const)("%s", (_, deployment, pods, expected) => {
  expect(describeDeployment(deployment as V1Deployment | undefined, [...pods])).toBe(expected);
});
