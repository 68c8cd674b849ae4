/** What the proxies of the shop expose, as text. */
import { type Labels, normalizeLabels, type Series } from "../metrics/history.ts";
import { describeProxy } from "../metrics/shop/exposition/proxy.ts";
import { LAST_MINUTE } from "../metrics/shop/facts.ts";
import type { Format } from "../metrics/shop/format.ts";
import type { Pod } from "../metrics/shop/pods.ts";
import { labelProxy } from "../metrics/shop/styles.ts";

/** The series that Prometheus itself adds to a scrape. */
const OF_THE_SCRAPE = /^(up|scrape_)/;

/** The series of a pod that viz's Prometheus has at the end of the shop's history. */
export function describePod(pod: Pod, format: Format): Series[] {
  return describeProxy(pod, format, "viz")
    .filter(({ name, value }) => !OF_THE_SCRAPE.test(name) && value(LAST_MINUTE) !== undefined)
    .map(normalizeLabels);
}

/** The same series as the proxy exposes them: without the labels of the target. */
export function exposePod(pod: Pod, format: Format): string {
  const target = labelProxy(pod, "viz");
  const families = Object.entries(Object.groupBy(describePod(pod, format), ({ name }) => nameFamily(name)));
  return families
    .flatMap(([family, series = []]) => [
      // Prometheus 3 normalizes the bounds of metrics with this type only.
      ...(series.some(({ labels }) => labels.le !== undefined) ? [`# TYPE ${family} histogram`] : []),
      ...series.map((one) => `${exposeSeries(one, target)} ${one.value(LAST_MINUTE)}`),
      "",
    ])
    .join("\n");
}

const nameFamily = (name: string) => name.replace(/_(bucket|sum|count)$/, "");

function exposeSeries({ name, labels }: Series, target: Labels): string {
  const own = Object.entries(labels)
    .filter(([label]) => target[label] === undefined)
    .map(([label, value]) => `${withoutPrefix(label, target)}=${JSON.stringify(value)}`);
  return `${name}{${own.join(",")}}`;
}

/** A proxy's label `version` is `exported_version` if its pod has a label `version`. */
function withoutPrefix(label: string, target: Labels): string {
  const own = label.replace(/^exported_/, "");
  return target[own] === undefined ? label : own;
}
