/** The first row: every application, the worst first. */

import { latencyQuantile } from "../../promql/applications/latency.ts";
import { workloadCpu, workloadMemory } from "../../promql/applications/saturation.ts";
import { failureRate, meshedRate, requestRate, successRate } from "../../promql/applications/traffic.ts";
import { WORKLOAD } from "../../promql/derived-labels.ts";
import { proxyCertificateRenewals } from "../../promql/mesh/proxies.ts";
import { NAMESPACES } from "../../promql/selection.ts";
import { UIDS } from "../parts/dashboard.ts";
import type { Section } from "../parts/layout.ts";
import { table } from "../parts/table.ts";
import { FAILURE, NONE_EXPECTED, SUCCESS } from "../parts/thresholds.ts";

const NO_TRAFFIC = "no traffic";

/** A placeholder that Grafana replaces. */
const placeholder = (name: string) => `\${${name}}`;

/** The application that a cell is about. */
const details = {
  title: "Details of this application",
  url: [
    `/d/${UIDS.applications}?${placeholder("datasource:queryparam")}`,
    placeholder("cluster:queryparam"),
    `var-namespace=${placeholder("__data.fields.Namespace")}`,
    `var-kind=${placeholder("__data.fields.Kind")}`,
    `var-workload=${placeholder("__data.fields.Workload")}`,
    placeholder("__url_time_range"),
  ].join("&"),
};

export function overview(): Section {
  const query = { by: WORKLOAD, matchers: NAMESPACES };
  const panel = table({
    title: "Applications, worst first",
    description:
      "All meshed workloads of the selected namespaces, of every kind. Pods of a Job that a CronJob creates are " +
      "listed by their Job, pods without an owner by themselves. Requests that a workload receives, without probes " +
      "of the kubelet and without scrapes of the proxy. A workload without requests has no rates. CPU and memory are " +
      "those of the application's containers, and need a Prometheus that also scrapes the kubelets.",
    labels: [
      { label: "namespace", title: "Namespace" },
      { label: "kind", title: "Kind" },
      { label: "workload", title: "Workload", link: details },
    ],
    columns: [
      {
        title: "Failures",
        expr: failureRate(query),
        unit: "percentunit",
        thresholds: FAILURE,
        noValue: NO_TRAFFIC,
      },
      {
        title: "Success",
        expr: successRate(query),
        unit: "percentunit",
        thresholds: SUCCESS,
        noValue: NO_TRAFFIC,
      },
      { title: "Requests", expr: requestRate(query), unit: "reqps" },
      { title: "p50", expr: latencyQuantile(0.5, query), unit: "ms" },
      { title: "p95", expr: latencyQuantile(0.95, query), unit: "ms" },
      { title: "p99", expr: latencyQuantile(0.99, query), unit: "ms" },
      { title: "mTLS", expr: meshedRate(query), unit: "percentunit" },
      { title: "CPU", expr: workloadCpu("application", NAMESPACES), unit: "short", decimals: 3 },
      { title: "Memory", expr: workloadMemory("application", NAMESPACES), unit: "bytes" },
      {
        title: "Certificate errors",
        expr: proxyCertificateRenewals("error", query),
        unit: "short",
        thresholds: NONE_EXPECTED,
      },
    ],
    sortBy: "Failures",
  });
  return { title: "All applications", panels: [[panel, 24, 12]] };
}
