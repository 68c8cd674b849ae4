/** The scrapes of viz's Prometheus beside those of its chart. */
import { type ChartValues, mergeValues } from "../../../inputs/merge.ts";
import { mapInput, peekPath } from "../../../inputs/outputs.ts";
import {
  type VizScrapes,
  vizMetricRelabelConfigs,
  vizScrapeConfigs,
} from "../../../observability/scraping/scrape-config.ts";
import type { KeptSamples } from "./viz-prometheus.ts";

/**
 * The values of the chart with the scrapes that it lacks, and with the relabeling of the samples of proxies. They precede
 * those of extra values, which would otherwise replace the lists.
 */
export function withScrapes(
  values: ChartValues,
  scrapes: VizScrapes,
  keep: KeptSamples = "used",
): ChartValues {
  const prepend = (key: string, own: readonly object[]) =>
    mapInput(peekPath(values, "prometheus", key), (given) => [
      ...own,
      ...((given as readonly object[] | undefined) ?? []),
    ]);
  return mergeValues(values, {
    prometheus: {
      scrapeConfigs: prepend("scrapeConfigs", vizScrapeConfigs(scrapes)),
      metricRelabelConfigs: prepend("metricRelabelConfigs", vizMetricRelabelConfigs(keep)),
    },
  });
}
