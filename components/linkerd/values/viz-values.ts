/** The values of the chart linkerd-viz for given settings. */
import { type ChartValues, mergeValues } from "../../inputs/merge.ts";
import { VIZ_HA } from "./high-availability.ts";
import { vizImages } from "./images.ts";
import { type MeshSettings, replicasOrPreset } from "./mesh-settings.ts";
import { vizMonitoringValues } from "./monitoring/monitoring-values.ts";
import { LABEL_VIZ_PODS } from "./namespace-injection.ts";
import { DEFAULT_IGNORED_HEADERS } from "./viz-access/tap-settings.ts";

/** The chart's values for these settings. A setting that is not given is left out, so the chart's default applies. */
export function vizValues(settings: MeshSettings): ChartValues {
  const { highAvailability = false, injection, tap, vizAccess } = settings;
  return mergeValues(
    highAvailability ? VIZ_HA : {},
    {
      tap: {
        replicas: replicasOrPreset(settings, VIZ_HA.tap.replicas),
        ignoreHeaders: tap?.ignoreHeaders ?? DEFAULT_IGNORED_HEADERS,
      },
      dashboard: { restrictPrivileges: vizAccess?.restrictPrivileges },
    },
    vizImages(settings),
    vizMonitoringValues(settings.monitoring),
    injection === "namespace" ? LABEL_VIZ_PODS : {},
  );
}
