/** The values of the chart linkerd-viz for given settings. */
import { type ChartValues, mergeValues } from "../../inputs/merge.ts";
import { VIZ_HA } from "./high-availability.ts";
import { vizImages } from "./images.ts";
import { type MeshSettings, replicasOrPreset } from "./mesh-settings.ts";
import { vizMonitoringValues } from "./monitoring/monitoring-values.ts";
import { LABEL_VIZ_PODS } from "./namespace-injection.ts";

/** The chart's values for these settings. A setting that is not given is left out, so the chart's default applies. */
export function vizValues(settings: MeshSettings): ChartValues {
  const { highAvailability = false, injection } = settings;
  return mergeValues(
    highAvailability ? VIZ_HA : {},
    { tap: { replicas: replicasOrPreset(settings, VIZ_HA.tap.replicas) } },
    vizImages(settings),
    vizMonitoringValues(settings.monitoring),
    injection === "namespace" ? LABEL_VIZ_PODS : {},
  );
}
