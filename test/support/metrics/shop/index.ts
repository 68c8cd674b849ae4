/** The history of the shop, in the formats of several releases and with the labels of several Prometheus setups. */
import { type History, normalizeLabels, type Scrape } from "../history.ts";
import {
  describeApiServer,
  describeContainers,
  describeOwners,
  describePrometheus,
} from "./exposition/cluster.ts";
import { describeControlPlane } from "./exposition/control-plane.ts";
import { describeProxy } from "./exposition/proxy.ts";
import { LAST_MINUTE, SCRAPE_INTERVAL, START } from "./facts.ts";
import { type Format, scrapesControllers } from "./format.ts";
import { PODS } from "./pods.ts";
import type { LabelStyle } from "./styles.ts";

export type { Format } from "./format.ts";
export type { LabelStyle } from "./styles.ts";

/** The scrapes of the history. */
export const SCRAPES: readonly Scrape[] = Array.from(
  { length: (LAST_MINUTE * 60) / SCRAPE_INTERVAL + 1 },
  (_, index) => ({ time: START + index * SCRAPE_INTERVAL, minute: (index * SCRAPE_INTERVAL) / 60 }),
);

/** Creates the history of the shop. It is the same on every run. */
export function shop(format: Format, style: LabelStyle): History {
  const controllers = style === "operator" || scrapesControllers(format);
  const series = [
    ...PODS.filter(({ workload }) => workload.proxy !== "none").flatMap((pod) =>
      describeProxy(pod, format, style),
    ),
    ...(controllers ? describeControlPlane(style) : []),
    ...describeContainers(style),
    ...describeOwners(style),
    ...describeApiServer(),
    ...describePrometheus(style),
  ];
  return { scrapes: SCRAPES, series: series.map(normalizeLabels) };
}
