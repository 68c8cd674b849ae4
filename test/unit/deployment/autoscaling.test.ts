import { expect, test } from "vitest";
import { create, expectIssue, specWith, TYPES } from "./web-deployment.ts";

test("the autoscaler measures the application container only, and the Deployment has no replicas", async () => {
  const { find } = await create({
    spec: specWith(),
    resources: true,
    autoscaling: { min: 2, max: 10, cpu: 70, memory: 75 },
  });
  expect(find("web", TYPES.deployment).inputs.spec).not.toHaveProperty("replicas");
  const metric = (name: string, averageUtilization: number) => ({
    type: "ContainerResource",
    containerResource: { name, container: "web", target: { type: "Utilization", averageUtilization } },
  });
  expect(find("web", TYPES.autoscaler).inputs.spec).toMatchObject({
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment" },
    minReplicas: 2,
    maxReplicas: 10,
    metrics: [metric("cpu", 70), metric("memory", 75)],
  });
  expect(find("web", TYPES.autoscaler)).toMatchObject({ parent: "web", dependsOn: ["web"] });
});

test("the autoscaler targets 80 % of the CPU request by default", async () => {
  const { find } = await create({ spec: specWith(), resources: true, autoscaling: { min: 2, max: 10 } });
  expect(find("web", TYPES.autoscaler).inputs.spec.metrics).toEqual([
    {
      type: "ContainerResource",
      containerResource: {
        name: "cpu",
        container: "web",
        target: { type: "Utilization", averageUtilization: 80 },
      },
    },
  ]);
});

const spec = specWith({}, { resources: { requests: { cpu: "1" } } });
test.each<[string, object, string]>([
  [
    "a minimum above the maximum",
    { spec, autoscaling: { min: 5, max: 2 } },
    "autoscaling.min: must be at most autoscaling.max, got 5 (autoscaling.max is 2).",
  ],
  [
    "a minimum of 0",
    { autoscaling: { min: 0, max: 2 } },
    "autoscaling.min: must be an integer from 1 to 2147483647, got 0.",
  ],
  [
    "an application container without a request",
    { autoscaling: { min: 1, max: 2 } },
    "autoscaling.cpu: must be used with an application container that requests cpu, got no request. " +
      "Usage is measured as a percentage of the request. " +
      "Fix: set resources to true, or set resources.requests.cpu of the container in the spec",
  ],
  [
    "a missing maximum",
    { spec, autoscaling: { min: 1 } },
    "autoscaling.max: must be an integer from 1 to 2147483647, got nothing.",
  ],
  [
    "an unknown field of the autoscaler",
    { spec, autoscaling: { min: 1, max: 2, replicas: 1 } },
    "autoscaling.replicas: unknown field. Known fields: min, max, cpu, memory.",
  ],
])("%s is rejected", (_, args, issue) => expectIssue(args, issue));
