/** What settings mean to the chart linkerd-viz. */

import { type ChartValues, mergeValues } from "../../inputs/merge.ts";
import { VIZ_HA } from "./high-availability.ts";
import { vizImages } from "./images.ts";
import { LABELLED_VIZ } from "./injection-values.ts";
import type { MeshSettings } from "./mesh-settings.ts";

/** The chart's values for these settings; what is not set is left out. */
export function vizValues(settings: MeshSettings): ChartValues {
  return mergeValues(
    settings.highAvailability ? VIZ_HA : {},
    { tap: { replicas: settings.replicas || undefined } },
    vizImages(settings),
    settings.injection === "namespace" ? LABELLED_VIZ : {},
  );
}
