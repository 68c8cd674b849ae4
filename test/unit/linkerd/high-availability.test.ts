import { describe, expect, test } from "vitest";
import { isTable } from "../../../components/inputs/merge.ts";
import { controlPlaneValues } from "../../../components/linkerd/values/control-plane-values.ts";
import { vizValues } from "../../../components/linkerd/values/viz-values.ts";

type Entry = readonly [path: string, value: unknown];

/** linkerd2, charts/linkerd-control-plane/values-ha.yaml: the same in version-2.19, version-2.20 and edge-26.8.3. */
const CONTROL_PLANE: readonly Entry[] = [
  ["enablePodDisruptionBudget", true],
  ["controller.podDisruptionBudget.maxUnavailable", 1],
  ["deploymentStrategy.rollingUpdate.maxUnavailable", 1],
  ["deploymentStrategy.rollingUpdate.maxSurge", "25%"],
  ["enablePodAntiAffinity", true],
  ["proxy.resources.cpu.request", "100m"],
  ["proxy.resources.memory.limit", "250Mi"],
  ["proxy.resources.memory.request", "20Mi"],
  ["controllerReplicas", 3],
  ["controllerResources.cpu.limit", ""],
  ["controllerResources.cpu.request", "100m"],
  ["controllerResources.memory.limit", "250Mi"],
  ["controllerResources.memory.request", "50Mi"],
  ["destinationResources.cpu.limit", ""],
  ["destinationResources.cpu.request", "100m"],
  ["destinationResources.memory.limit", "250Mi"],
  ["destinationResources.memory.request", "50Mi"],
  ["identityResources.cpu.limit", ""],
  ["identityResources.cpu.request", "100m"],
  ["identityResources.memory.limit", "250Mi"],
  ["identityResources.memory.request", "10Mi"],
  ["heartbeatResources.cpu.limit", ""],
  ["heartbeatResources.cpu.request", "100m"],
  ["heartbeatResources.memory.limit", "250Mi"],
  ["heartbeatResources.memory.request", "50Mi"],
  ["proxyInjectorResources.cpu.limit", ""],
  ["proxyInjectorResources.cpu.request", "100m"],
  ["proxyInjectorResources.memory.limit", "250Mi"],
  ["proxyInjectorResources.memory.request", "50Mi"],
  ["webhookFailurePolicy", "Fail"],
  ["spValidatorResources.cpu.limit", ""],
  ["spValidatorResources.cpu.request", "100m"],
  ["spValidatorResources.memory.limit", "250Mi"],
  ["spValidatorResources.memory.request", "50Mi"],
  ["highAvailability", true],
];

/** linkerd2, viz/charts/linkerd-viz/values-ha.yaml: the same in version-2.19, version-2.20 and edge-26.8.3. */
const VIZ: readonly Entry[] = [
  ["enablePodAntiAffinity", true],
  ["enablePodDisruptionBudget", true],
  ["resources.cpu.limit", ""],
  ["resources.cpu.request", "100m"],
  ["resources.memory.limit", "250Mi"],
  ["resources.memory.request", "50Mi"],
  ["tap.replicas", 3],
  ["tap.resources.cpu.limit", ""],
  ["tap.resources.cpu.request", "100m"],
  ["tap.resources.memory.limit", "250Mi"],
  ["tap.resources.memory.request", "50Mi"],
  ["dashboard.resources.cpu.limit", ""],
  ["dashboard.resources.cpu.request", "100m"],
  ["dashboard.resources.memory.limit", "250Mi"],
  ["dashboard.resources.memory.request", "50Mi"],
  ["prometheus.resources.cpu.limit", ""],
  ["prometheus.resources.cpu.request", "300m"],
  ["prometheus.resources.memory.limit", "8192Mi"],
  ["prometheus.resources.memory.request", "300Mi"],
];

/** Leaves of values by path. */
function entries(values: unknown, path = ""): Entry[] {
  if (!isTable(values)) return [[path, values]];
  return Object.entries(values).flatMap(([key, value]) => entries(value, path ? `${path}.${key}` : key));
}

/** The entries that high availability adds to a chart's values, or changes in them. */
function added(values: (highAvailability: boolean) => object) {
  const before = new Map(entries(values(false)));
  return Object.fromEntries(entries(values(true)).filter(([path, value]) => before.get(path) !== value));
}

describe("high availability", () => {
  test("high availability gives the control plane every entry of upstream's values-ha.yaml and no other", () => {
    expect(added((highAvailability) => controlPlaneValues({ highAvailability }, {}))).toEqual(
      Object.fromEntries(CONTROL_PLANE),
    );
  });

  test("high availability gives viz every entry of upstream's values-ha.yaml and no other", () => {
    expect(added((highAvailability) => vizValues({ highAvailability }))).toEqual(Object.fromEntries(VIZ));
  });

  test("with high availability, replicas sets another number for the control plane and for tap", () => {
    const settings = { highAvailability: true, replicas: 5 };
    expect(controlPlaneValues(settings, {})).toMatchObject({
      controllerReplicas: 5,
      webhookFailurePolicy: "Fail",
    });
    expect(vizValues(settings)).toMatchObject({
      tap: { replicas: 5, resources: { cpu: { request: "100m" } } },
    });
  });

  test("high availability keeps its proxy resources for the fields that are not set", () => {
    const { proxy } = controlPlaneValues({ highAvailability: true, proxy: { memoryLimit: "1Gi" } }, {});
    expect(proxy).toMatchObject({
      resources: { cpu: { request: "100m" }, memory: { request: "20Mi", limit: "1Gi" } },
    });
  });

  test("high availability is off by default, and 0 replicas means the chart's default", () => {
    expect(controlPlaneValues({ replicas: 0 }, {})).not.toHaveProperty("controllerReplicas");
    expect(controlPlaneValues({}, {})).not.toHaveProperty("highAvailability");
  });
});
