/** The history of the shop, in the formats of several releases and with the labels of several Prometheus setups. */
import { type History, normalizeLabels } from "../history.ts";
import { describeApiServer, describeContainers, describePrometheus } from "./exposition/cluster.ts";
import { describeControlPlane } from "./exposition/control-plane.ts";
import { describeProxy } from "./exposition/proxy.ts";
import { NOW, SCRAPE_INTERVAL, START } from "./facts.ts";
import { type Format, scrapesControllers } from "./format.ts";
import { PODS } from "./pods.ts";
import type { LabelStyle } from "./styles.ts";

export type { Format } from "./format.ts";
export type { LabelStyle } from "./styles.ts";

/** Creates the history of the shop. It is the same on every run. */
export function shop(format: Format, style: LabelStyle): History {
  const controllers = style === "operator" || scrapesControllers(format);
  const series = [
    ...PODS.filter(({ workload }) => workload.proxy !== "none").flatMap((pod) =>
      describeProxy(pod, format, style),
    ),
    ...(controllers ? describeControlPlane(style) : []),
    ...describeContainers(style),
    ...describeApiServer(),
    ...describePrometheus(style),
  ];
  return { start: START, end: NOW, interval: SCRAPE_INTERVAL, series: series.map(normalizeLabels) };
}
