/** The values of the chart linkerd-control-plane for given settings. */
import type * as pulumi from "@pulumi/pulumi";
import { type ChartValues, mergeValues } from "../../inputs/merge.ts";
import { mapInput } from "../../inputs/outputs.ts";
import type { LinkerdCharts } from "../charts/charts.ts";
import { CONTROL_PLANE_HA } from "./high-availability.ts";
import { controlPlaneImages } from "./images.ts";
import { DEFAULT_NETWORK_VALIDATOR_ADDRESS, type MeshSettings, replicasOrPreset } from "./mesh-settings.ts";
import { podMonitorValues } from "./monitoring/external-prometheus.ts";
import { INJECT_LABELED_PODS } from "./namespace-injection.ts";
import { mapPortLists, portLists } from "./ports.ts";
import { proxyValues } from "./proxy.ts";

/**
 * The chart's values for these settings. A setting that is not given is left out, so the chart's default applies.
 * The component adds names, certificates and extra values.
 */
export function controlPlaneValues(
  settings: MeshSettings,
  charts: LinkerdCharts,
  vizNamespace?: pulumi.Input<string>,
): ChartValues {
  const { highAvailability = false, heartbeat = true, injection, cni } = settings;
  const ports = mapPortLists(settings.ports, (resolved, list) => portLists(resolved)[list]?.toString());
  return mergeValues(
    highAvailability ? CONTROL_PLANE_HA : {},
    { controllerReplicas: replicasOrPreset(settings, CONTROL_PLANE_HA.controllerReplicas) },
    controlPlaneImages(settings, charts),
    {
      proxy: {
        ...proxyValues(settings.proxy),
        defaultInboundPolicy: settings.defaultInboundPolicy,
        opaquePorts: ports.opaque,
      },
      proxyInit: { ignoreOutboundPorts: ports.skipOutbound, ignoreInboundPorts: ports.skipInbound },
      cniEnabled: cni || undefined,
      networkValidator: {
        connectAddr: mapInput(settings.networkValidatorAddress, (address?: string) =>
          address === DEFAULT_NETWORK_VALIDATOR_ADDRESS ? undefined : address,
        ),
      },
      disableHeartBeat: heartbeat ? undefined : true,
      ...podMonitorValues(settings.monitoring?.external ?? {}, vizNamespace),
      proxyInjector: injection === "namespace" ? INJECT_LABELED_PODS.proxyInjector : undefined,
    },
  );
}
