/** The alerts in the history of the shop, answered by a real Prometheus with the labels of each way to scrape. */
import { expect, test } from "vitest";
import type { AlertRule, RuleGroup } from "../../../components/observability/rules/rule-groups.ts";
import { rules } from "../../../components/observability/rules/rules.ts";
import { startShop, stopServersAfterwards } from "../../support/metrics/servers.ts";
import { NOW } from "../../support/metrics/shop/facts.ts";
import type { Format, LabelStyle } from "../../support/metrics/shop/index.ts";
import { WORKLOADS } from "../../support/metrics/shop/workloads.ts";

/** Replaces recorded series by subqueries of their rules: the history has none, and Prometheus records only the present. */
function inlineRecordings(expr: string, groups: readonly RuleGroup[]): string {
  const recordings = groups.flatMap(({ rules }) => rules.filter((rule) => "record" in rule));
  return recordings.reduce((text, { record, expr }) => {
    const selector = new RegExp(`${record}(\\[\\w+)?(\\])?`, "g");
    return text.replace(selector, (_, range) => (range ? `(${expr})${range}:1m]` : `(${expr})`));
  }, expr);
}

/** The name of a pod without the parts that Kubernetes generates. */
const ownerOf = (pod: string) => WORKLOADS.find(({ name }) => pod.startsWith(`${name}-`))?.name ?? pod;

/** An alert as `name: label values`, the labels in alphabetical order. */
function describeAlert({ alert, labels }: AlertRule, metric: Readonly<Record<string, string>>): string {
  const values = Object.entries(metric)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, value]) => (name === "pod" ? ownerOf(value) : value));
  return [`${alert} ${labels.severity}:`, ...values].join(" ");
}

/** Worked out by hand from the facts. */
const EXPECTED = [
  "MeshCallersDenied warning: invoices.billing statefulset billing all-unauthenticated cache",
  "MeshCallersDenied warning: stranger.outside deployment shop web-http web",
  // 10% of the calls to `policy` fail, and none to the others.
  "MeshControlPlaneCallsFail critical: policy",
  // Pods on the host network are skipped. Pods in `outside` that do not request injection do not count.
  "MeshInjectionSkipped warning: shop deployment host_network_enabled",
  "MeshInjectorFailsOpen critical:",
  "MeshInjectorRejectsPods critical:",
  "MeshLabelPolicyErrors warning: invalid_error",
  // 10% of the responses take more than a second. The slowest others take 300 ms.
  "MeshLatencyHigh warning: deployment shop carts",
  "MeshPodUnmeshed warning: outside crawler",
  "MeshPodUnmeshed warning: shop legacy",
  "MeshProxyVersionsMixed info:",
  "MeshProxyWithoutIdentity warning: shop newcomer",
  "MeshScrapeMissing warning: shop hung",
  // Every request fails, while scrapes and probes succeed.
  "MeshSuccessRateLow critical: deployment billing payments",
  // The burst of 1200 failures is 6.1% of the requests in 70 minutes: 4.4 per second for 60 minutes, 4 for 10, and 1 more
  // for 22. The 4.4% of `catalog` are allowed.
  "MeshSuccessRateLow warning: deployment billing invoices",
  "MeshSuccessRateLow warning: deployment billing payments",
  "MeshTcpConnectionsFail warning: cache.billing deployment billing invoices",
];

stopServersAfterwards();

test.for<[Format, LabelStyle]>([
  ["edge-26.8.3", "viz"],
  ["edge-26.8.3", "operator"],
  ["edge-26.8.3", "federated"],
  ["2.20", "viz"],
  ["2.19", "operator"],
])(
  "the alerts of the shop are those of its facts, with the metrics of %s and the labels of %s",
  async ([format, style]) => {
    const prometheus = await startShop(format, style);
    const groups = rules();
    const alerts: string[] = [];
    for (const rule of groups.flatMap(({ rules }) => rules.filter((rule) => "alert" in rule))) {
      const { samples, warnings, infos } = await prometheus.query(inlineRecordings(rule.expr, groups), NOW);
      expect([...warnings, ...infos], rule.alert).toEqual([]);
      alerts.push(...samples.map(({ metric }) => describeAlert(rule, metric)));
    }
    expect(alerts.sort()).toEqual(EXPECTED);
  },
);
