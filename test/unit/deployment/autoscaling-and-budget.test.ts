import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { MeshedDeployment, type MeshedDeploymentArgs } from "../../../components/index.ts";
import { register } from "../../support/mocks.ts";
import { deployInvalid, deployWeb, messageOf, selector, specWith, TYPES } from "./web-deployment.ts";

test("a disruption budget evicts one pod at a time, and pods that are not ready at any time", async () => {
  const { find } = await deployWeb({ spec: specWith(), disruptionBudget: true });
  expect(find("web", TYPES.budget)).toMatchObject({ parent: "web" });
  expect(find("web", TYPES.budget).inputs.spec).toEqual({
    selector,
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  });
});

test("a disruption budget with minAvailable has no maxUnavailable", async () => {
  const { find } = await deployWeb({ spec: specWith(), disruptionBudget: { minAvailable: "50%" } });
  expect(find("web", TYPES.budget).inputs.spec).toMatchObject({ minAvailable: "50%" });
  expect(find("web", TYPES.budget).inputs.spec.maxUnavailable).toBe(undefined);
});

test("an autoscaler measures the application container alone, and no update changes the replicas of the Deployment", async () => {
  const { find } = await deployWeb({
    spec: specWith(),
    resources: true,
    autoscaling: { min: 2, max: 10, cpu: 70, memory: 75 },
  });
  expect(find("web", TYPES.deployment).options.ignoreChanges).toEqual(["spec.replicas"]);
  const metric = (name: string, averageUtilization: number) => ({
    type: "ContainerResource",
    containerResource: { name, container: "web", target: { type: "Utilization", averageUtilization } },
  });
  expect(find("web", TYPES.autoscaler).inputs.spec).toMatchObject({
    minReplicas: 2,
    maxReplicas: 10,
    metrics: [metric("cpu", 70), metric("memory", 75)],
  });
  expect(find("web", TYPES.autoscaler).dependsOn).toEqual(["web"]);
});

const { replicas: _, ...withoutReplicas } = specWith();

test.each<[string, object, number]>([
  ["with the replicas of the spec", specWith(), 3],
  ["with its minimum if the spec has no replicas", withoutReplicas, 5],
  [
    "with its minimum if the spec has 0 replicas, which an autoscaler does not change",
    { ...withoutReplicas, replicas: 0 },
    5,
  ],
  ["with its minimum if the replicas of the spec are null", { ...withoutReplicas, replicas: null }, 5],
  ["with replicas that are an Output", { ...withoutReplicas, replicas: pulumi.output(4) }, 4],
  ["with its minimum if the spec is an Output without replicas", pulumi.output(withoutReplicas), 5],
])("a Deployment with an autoscaler is created %s", async (_, spec, replicas) => {
  const { find } = await deployWeb({
    spec: spec as MeshedDeploymentArgs["spec"],
    resources: true,
    autoscaling: { min: 5, max: 9 },
  });
  expect(find("web", TYPES.deployment).inputs.spec.replicas).toBe(replicas);
});

test("an autoscaler keeps the ignoreChanges of the caller", async () => {
  const { find } = await register(
    () =>
      new MeshedDeployment(
        "web",
        { spec: specWith(), resources: true, autoscaling: { min: 5, max: 9 } },
        { ignoreChanges: ["metadata.labels", "spec.replicas"] },
      ),
  );
  expect(find("web", TYPES.deployment).options.ignoreChanges).toEqual(["metadata.labels", "spec.replicas"]);
  expect(find("web", TYPES.autoscaler).options.ignoreChanges).toEqual([]);
});

test("a Deployment without replicas keeps those that it has, unless a transform may set them", async () => {
  const ignored = async (args: MeshedDeploymentArgs) =>
    (await deployWeb(args)).find("web", TYPES.deployment).options.ignoreChanges;
  expect(await ignored({ spec: withoutReplicas })).toEqual(["spec.replicas"]);
  expect(await ignored({ spec: specWith() })).toEqual([]);
  expect(await ignored({ spec: { ...withoutReplicas, replicas: pulumi.output(4) } })).toEqual([]);
  expect(await ignored({ spec: pulumi.output(withoutReplicas) })).toEqual([]);
  expect(await ignored({ spec: withoutReplicas, transform: { deployment: () => undefined } })).toEqual([]);
});

const requests = { resources: { requests: { cpu: "1" } } };
const NO_CPU_REQUEST =
  "autoscaling.cpu: must be used with an application container that requests cpu, got no request. " +
  "Usage is measured as a percentage of the request. " +
  "Fix: set resources to true, or set resources.requests.cpu of the container in the spec";
const keepsAll = (got: string) =>
  `disruptionBudget.minAvailable: must be less than the number of replicas, got ${got}. ` +
  "Otherwise no node with one of the pods can be drained. " +
  "Fix: set disruptionBudget.maxUnavailable to 1 instead, or increase the number of replicas";

test.each<[string, object, string[]]>([
  [
    "an autoscaler with a minimum over its maximum is rejected",
    { spec: specWith({}, requests), autoscaling: { min: 5, max: 2 } },
    ["autoscaling.min: must be at most autoscaling.max, got 5 (autoscaling.max is 2)."],
  ],
  [
    "a minimum of 0 and a missing CPU request are reported in one error",
    { autoscaling: { min: 0, max: 2 } },
    ["autoscaling.min: must be an integer from 1 to 2147483647, got 0.", NO_CPU_REQUEST],
  ],
  [
    "an autoscaler is rejected if the container does not request the measured resource",
    { autoscaling: { min: 1, max: 2 } },
    [NO_CPU_REQUEST],
  ],
  [
    "an autoscaler without a maximum is rejected",
    { spec: specWith({}, requests), autoscaling: { min: 1 } },
    ["autoscaling.max: must be an integer from 1 to 2147483647, got nothing."],
  ],
  [
    "a budget that keeps all replicas is rejected",
    { disruptionBudget: { minAvailable: 3 } },
    [keepsAll("3 of 3")],
  ],
  [
    "a budget whose percentage rounds up to all replicas is rejected",
    { spec: { ...specWith(), replicas: 2 }, disruptionBudget: { minAvailable: "60%" } },
    [keepsAll('"60%" of 2')],
  ],
  [
    "a budget that keeps the minimum of the autoscaler is rejected",
    {
      spec: specWith({}, requests),
      autoscaling: { min: 2, max: 9 },
      disruptionBudget: { minAvailable: 2 },
    },
    [keepsAll("2 of 2")],
  ],
  [
    "a budget that allows no pod to be unavailable is rejected",
    { disruptionBudget: { maxUnavailable: 0 } },
    [
      "disruptionBudget.maxUnavailable: must allow at least one pod to be unavailable, got 0. " +
        "Otherwise no node with one of the pods can be drained.",
    ],
  ],
  [
    "a budget with both minAvailable and maxUnavailable is rejected",
    { disruptionBudget: { maxUnavailable: 1, minAvailable: 1 } },
    [
      "disruptionBudget.minAvailable: must not be set together with disruptionBudget.maxUnavailable. " +
        "Fix: remove disruptionBudget.minAvailable, or remove disruptionBudget.maxUnavailable",
    ],
  ],
  [
    "a budget that is not a number or a percentage is rejected",
    { disruptionBudget: { minAvailable: "half" } },
    ['disruptionBudget.minAvailable: must be a number of pods or a percentage, e.g. 1 or "50%", got "half".'],
  ],
])("%s", async (_, args, issues) => {
  expect(await deployInvalid(args)).toEqual({ message: messageOf(...issues), resources: [] });
});

test("a budget that keeps one replica is a warning if the spec has no replicas, because others may scale it", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  await deployWeb({ spec: withoutReplicas, disruptionBudget: { minAvailable: "50%" } });
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    "disruptionBudget.minAvailable blocks the drain of a node while there is one replica, the default of Kubernetes. " +
      "Set spec.replicas or autoscaling.min, or use disruptionBudget.maxUnavailable, which suits any number of replicas.",
  ]);
  await deployWeb({ spec: withoutReplicas, disruptionBudget: true });
  await deployWeb({ spec: pulumi.output(withoutReplicas), disruptionBudget: { minAvailable: 1 } });
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

test("a budget with minAvailable is valid for a workload with 0 replicas", async () => {
  const { find } = await deployWeb({
    spec: { ...specWith(), replicas: 0 },
    disruptionBudget: { minAvailable: 1 },
  });
  expect(find("web", TYPES.budget).inputs.spec.minAvailable).toBe(1);
});
