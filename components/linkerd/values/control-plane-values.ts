/** What settings mean to the chart linkerd-control-plane. */

import { type ChartValues, mergeValues } from "../../inputs/merge.ts";
import type { LinkerdCharts } from "../charts/charts.ts";
import { CONTROL_PLANE_HA } from "./high-availability.ts";
import { controlPlaneImages } from "./images.ts";
import { INJECT_LABELED_PODS } from "./injection-values.ts";
import { DEFAULT_NETWORK_VALIDATOR_ADDRESS, type MeshSettings } from "./mesh-settings.ts";
import { portLists } from "./ports.ts";
import { proxyValues } from "./proxy.ts";

/**
 * The chart's values for these settings. What is not set is left out, so that the chart's default counts.
 * Without names, certificates and extra values, which the component adds.
 */
export function controlPlaneValues(settings: MeshSettings, charts: LinkerdCharts): ChartValues {
  const { networkValidatorAddress: address, heartbeat = true, injection, cni } = settings;
  const ports = portLists(settings.ports);
  return mergeValues(
    settings.highAvailability ? CONTROL_PLANE_HA : {},
    { controllerReplicas: settings.replicas || undefined },
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
        connectAddr: address === DEFAULT_NETWORK_VALIDATOR_ADDRESS ? undefined : address,
      },
      disableHeartBeat: heartbeat ? undefined : true,
      proxyInjector: injection === "namespace" ? INJECT_LABELED_PODS.proxyInjector : undefined,
    },
  );
}
