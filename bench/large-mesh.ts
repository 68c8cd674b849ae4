/**
 * A large mesh: copies of the shop of the metrics tests, each in namespaces of its own. Its workloads have two pods each. They
 * call each other as often, with the same results, as those of the shop.
 */
import type { History, Labels, Series } from "../test/support/metrics/history.ts";
import { LAST_MINUTE, NOW } from "../test/support/metrics/shop/facts.ts";
import { SCRAPES, shop } from "../test/support/metrics/shop/index.ts";
import { PODS, type Pod } from "../test/support/metrics/shop/pods.ts";
import { nameWorkload } from "../test/support/metrics/shop/workloads.ts";

/** Pods of applications that run at the end, by their workload. Prometheus scrapes the proxy of each. */
const RUNNING = Map.groupBy(
  PODS.filter(
    ({ workload, from, to }) =>
      from <= LAST_MINUTE &&
      LAST_MINUTE < to &&
      !workload.namespace.startsWith("linkerd") &&
      !["none", "not scraped", "does not answer"].includes(workload.proxy ?? ""),
  ),
  ({ workload }) => nameWorkload(workload),
);

/** Names of pods that are alone in their workload. The copies have two of each. */
const ALONE = new Set(
  [...RUNNING.values()].filter(({ length }) => length === 1).flatMap((pods) => pods.map(({ name }) => name)),
);

/** What the proxies and containers of those pods export at the end. */
const TEMPLATE = findTemplate([...RUNNING.values()].flat());

function findTemplate(pods: readonly Pod[]): ReadonlyMap<string, readonly Series[]> {
  const workloads = new Map(
    pods.map((pod) => [`${pod.workload.namespace}/${pod.name}`, nameWorkload(pod.workload)]),
  );
  const exported = shop("edge-26.8.3", "viz").series.filter(({ value }) => value(LAST_MINUTE) !== undefined);
  const grouped = Map.groupBy(
    exported,
    ({ labels }) => workloads.get(`${labels.namespace}/${labels.pod}`) ?? "",
  );
  grouped.delete("");
  return grouped;
}

/** Seconds between two scrapes: the default of Prometheus. */
export const SCRAPE_INTERVAL = 60;

/** Creates the history of so many workloads. */
export function createLargeMesh(workloads: number): History {
  const names = [...TEMPLATE.keys()];
  const series = Array.from({ length: workloads }, (_, index) => {
    const templates = TEMPLATE.get(names[index % names.length] ?? "") ?? [];
    return templates.flatMap((one) => copy(one, Math.floor(index / names.length)));
  });
  const scrapes = SCRAPES.filter(({ time }) => (NOW - time) % SCRAPE_INTERVAL === 0);
  return { scrapes, series: series.flat() };
}

const NAMESPACES = [...new Set([...RUNNING.values()].flat().map(({ workload }) => workload.namespace))];
const NAMESPACE = new RegExp(`\\b(${NAMESPACES.join("|")})\\b`, "g");

/** The series in the copy of this number, of each pod, and towards each pod. */
function copy({ name, labels, value }: Series, number: number): Series[] {
  const moved = Object.entries(labels).map(([label, text]) => [
    label,
    text.replace(NAMESPACE, `$1-${number}`).replace(/\b10\.244\./g, `10.${number}.`),
  ]);
  const copies = ["pod", "dst_pod"].reduce<Labels[]>(
    (all, label) =>
      ALONE.has(labels[label] ?? "")
        ? all.flatMap((one) => [one, { ...one, [label]: `${one[label]}-2` }])
        : all,
    [Object.fromEntries(moved)],
  );
  return copies.map((one) => ({ name, labels: one, value }));
}
