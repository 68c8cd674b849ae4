/** The alerts in the history of the shop, answered by a real Prometheus with the labels of each way to scrape. */
import { expect, test } from "vitest";
import type { AlertRule, RuleGroup } from "../../../components/observability/rules/rule-groups.ts";
import { rules } from "../../../components/observability/rules/rules.ts";
import { startShop } from "../../support/metrics/servers.ts";
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

/** The workloads that use everything once: kind, namespace and name. */
const COMPLETE = [
  ["deployment", "shop", "web"],
  ["statefulset", "shop", "catalog"],
  ["replicaset", "shop", "mirror"],
  ["replicationcontroller", "shop", "ancient"],
  ["k8s_job", "shop", "migrate"],
  ["pod", "shop", "debug"],
  ["daemonset", "billing", "agent"],
  ["batch_kubernetes_io_job_name", "billing", "report-29000003"],
  ["cronjob", "billing", "backup"],
] as const;

/** Worked out by hand from the facts. */
const EXPECTED = [
  // Each of these workloads denies `stranger` and `crawler`, which has no proxy, and 10% of its connections to `cache` are reset.
  ...COMPLETE.flatMap(([kind, namespace, name]) => {
    const server = name === "web" ? "web-http" : "all-unauthenticated";
    return [
      `MeshCallersDenied warning: unmeshed (no_tls_from_remote) ${kind} ${namespace} ${server} ${name}`,
      `MeshCallersDenied warning: stranger.outside ${kind} ${namespace} ${server} ${name}`,
      `MeshTcpConnectionsFail warning: cache.billing ${kind} ${namespace} ${name}`,
    ];
  }),
  "MeshCallersDenied warning: invoices.billing statefulset billing all-unauthenticated cache",
  "MeshTcpConnectionsFail warning: cache.billing deployment billing invoices",
  // 60 days are left.
  "MeshCertificateExpires info: tap",
  // 10% of the calls to `policy` fail, and none to the others.
  "MeshControlPlaneCallsFail critical: policy",
  // Pods on the host network are skipped. Pods in `outside` that do not request injection do not count.
  "MeshInjectionSkipped warning: shop deployment host_network_enabled",
  "MeshInjectorFailsOpen critical:",
  "MeshInjectorRejectsPods critical:",
  // 36500 days are 3153600000 seconds, 28 hours more than the issuer in use has left.
  "MeshIssuerDiffers warning:",
  "MeshLabelPolicyErrors warning: invalid_error",
  // 10% of the responses take more than a second. The slowest others take 300 ms.
  "MeshLatencyHigh warning: deployment shop carts",
  "MeshPodUnmeshed warning: outside crawler",
  "MeshPodUnmeshed warning: shop legacy",
  "MeshProxyVersionsMixed info:",
  "MeshProxyWithoutIdentity warning: shop newcomer",
  "MeshScrapeMissing warning: shop hung",
  "MeshScrapeMissing warning: shop unseen",
  // Every request fails, while scrapes and probes succeed.
  "MeshSuccessRateLow critical: deployment billing payments",
  "MeshSuccessRateLow warning: deployment billing payments",
  // Of each caller's 1.2 attempts per second, 0.2 fail and are retried, and 0.1 of the retries fail: 25%.
  ...["orders", "stock"].flatMap((name) => [
    `MeshSuccessRateLow critical: deployment shop ${name}`,
    `MeshSuccessRateLow warning: deployment shop ${name}`,
  ]),
  // The burst of 1200 failures is 6.6% of 18120 requests: 4 per second for 70 minutes, and 1 more for 22. The 4.4% of
  // `catalog` and the 1% of `web` and `ingress` are allowed.
  "MeshSuccessRateLow warning: deployment billing invoices",
];

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
    // viz has no kube-state-metrics, which reports that a pod is that of a Job.
    const jobs = style === "viz" ? ["MeshPodUnmeshed warning: shop unmeshed-job"] : [];
    expect(alerts.sort()).toEqual([...EXPECTED, ...jobs].sort());
  },
);
