/**
 * Upstream's `values-ha.yaml`, entry by entry: three replicas on three nodes, disruption budgets, resources, and
 * `webhookFailurePolicy: Fail`, so that no pod starts unmeshed.
 */

const controller = { cpu: { limit: "", request: "100m" }, memory: { limit: "250Mi", request: "50Mi" } };

/** linkerd2, charts/linkerd-control-plane/values-ha.yaml (edge-26.8.3). */
export const CONTROL_PLANE_HA = {
  enablePodDisruptionBudget: true,
  controller: { podDisruptionBudget: { maxUnavailable: 1 } },
  deploymentStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } },
  enablePodAntiAffinity: true,
  proxy: { resources: { cpu: { request: "100m" }, memory: { limit: "250Mi", request: "20Mi" } } },
  controllerReplicas: 3,
  controllerResources: controller,
  destinationResources: controller,
  identityResources: { cpu: controller.cpu, memory: { limit: "250Mi", request: "10Mi" } },
  heartbeatResources: controller,
  proxyInjectorResources: controller,
  webhookFailurePolicy: "Fail",
  spValidatorResources: controller,
  highAvailability: true,
};

/** linkerd2, viz/charts/linkerd-viz/values-ha.yaml (edge-26.8.3). */
export const VIZ_HA = {
  enablePodAntiAffinity: true,
  enablePodDisruptionBudget: true,
  resources: controller,
  tap: { replicas: 3, resources: controller },
  dashboard: { resources: controller },
  prometheus: {
    resources: { cpu: { limit: "", request: "300m" }, memory: { limit: "8192Mi", request: "300Mi" } },
  },
};
