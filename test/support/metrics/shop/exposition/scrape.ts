/** The series that Prometheus adds for each target, and those of its own process. */
import type { Labels, Series } from "../../history.ts";
import { Exporter, type Period } from "./exporter.ts";

/** Seconds that a scrape takes, if the target answers. Proxies have more series. */
const SCRAPE_SECONDS = { proxy: 0.2, other: 0.05 };

export function describeScrape(target: Period, labels: Labels, up: boolean, samples: number): Series[] {
  const exporter = new Exporter([target], () => labels);
  exporter.set("up", {}, up ? 1 : 0);
  exporter.set(
    "scrape_duration_seconds",
    {},
    up ? SCRAPE_SECONDS[labels.control_plane_ns === undefined ? "other" : "proxy"] : 10,
  );
  exporter.set("scrape_samples_scraped", {}, samples);
  exporter.set("scrape_samples_post_metric_relabeling", {}, samples);
  exporter.set("scrape_series_added", {}, 0);
  return exporter.collect();
}
