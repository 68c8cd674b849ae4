import * as pulumi from "@pulumi/pulumi";
import { expect, test, vi } from "vitest";
import { create, expectIssue, selector, specWith, specWithoutReplicas, TYPES } from "./web-deployment.ts";

test("the default budget allows one pod to be unavailable, and pods that are not ready to be evicted", async () => {
  const { find } = await create({ spec: specWith(), disruptionBudget: true });
  expect(find("web", TYPES.disruptionBudget)).toMatchObject({ parent: "web" });
  expect(find("web", TYPES.disruptionBudget).inputs.spec).toEqual({
    selector,
    maxUnavailable: 1,
    unhealthyPodEvictionPolicy: "AlwaysAllow",
  });
});

test("a budget with `minAvailable` has no `maxUnavailable`", async () => {
  const { find } = await create({ spec: specWith(), disruptionBudget: { minAvailable: "50%" } });
  const { spec } = find("web", TYPES.disruptionBudget).inputs;
  expect(spec).toMatchObject({ minAvailable: "50%" });
  expect(spec.maxUnavailable).toBe(undefined);
});

const requests = { resources: { requests: { cpu: "1" } } };
test.each<[string, object, string]>([
  [
    "a budget that keeps every pod",
    { disruptionBudget: { minAvailable: 3 } },
    "disruptionBudget.minAvailable: must be less than the number of replicas, got 3 of 3. " +
      "Otherwise no node with one of the pods can be drained. " +
      "Fix: set disruptionBudget.maxUnavailable to 1, or increase the number of replicas",
  ],
  [
    "a budget with a percentage that is rounded up to every pod",
    { spec: specWith({}, {}, { replicas: 2 }), disruptionBudget: { minAvailable: "60%" } },
    'disruptionBudget.minAvailable: must be less than the number of replicas, got "60%" of 2.',
  ],
  [
    "a budget that keeps every pod of the lowest scale",
    {
      spec: specWith({}, requests),
      autoscaling: { min: 2, max: 9 },
      disruptionBudget: { minAvailable: 2 },
    },
    "disruptionBudget.minAvailable: must be less than the number of replicas, got 2 of 2.",
  ],
  [
    "a budget that allows no pod to be unavailable",
    { disruptionBudget: { maxUnavailable: 0 } },
    "disruptionBudget.maxUnavailable: must allow at least one pod to be unavailable, got 0. " +
      "Otherwise no node with one of the pods can be drained.",
  ],
  [
    "a budget with both fields",
    { disruptionBudget: { maxUnavailable: 1, minAvailable: 1 } },
    "disruptionBudget.minAvailable: must not be set together with disruptionBudget.maxUnavailable. " +
      "Fix: remove disruptionBudget.minAvailable, or remove disruptionBudget.maxUnavailable",
  ],
  [
    "a budget that is not a number",
    { disruptionBudget: { minAvailable: "half" } },
    'disruptionBudget.minAvailable: must be a number of pods or a percentage, e.g. 1 or "50%", got "half".',
  ],
  [
    "an unknown field of the budget",
    { disruptionBudget: { max: 1 } },
    "disruptionBudget.max: unknown field. Known fields: minAvailable, maxUnavailable.",
  ],
])("%s is rejected", (_, args, issue) => expectIssue(args, issue));

test("a budget that blocks drains with one replica is a warning if nothing sets the number of replicas", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const spec = specWithoutReplicas();
  await create({ spec, disruptionBudget: { minAvailable: "50%" } });
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    expect.stringContaining(
      "disruptionBudget.minAvailable blocks the drain of a node while there is one replica",
    ),
  ]);
  await create({ spec, disruptionBudget: true });
  await create({ spec: pulumi.output(spec), disruptionBudget: { minAvailable: 1 } });
  expect(warn).toHaveBeenCalledTimes(1);
  warn.mockRestore();
});

test("a budget for a workload with 0 replicas is valid", async () => {
  const spec = specWith({}, {}, { replicas: 0 });
  const { find } = await create({ spec, disruptionBudget: { minAvailable: 1 } });
  expect(find("web", TYPES.disruptionBudget).inputs.spec.minAvailable).toBe(1);
});
