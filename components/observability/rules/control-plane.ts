/** Alerts about the control plane, the versions of the proxies, and the scrapes that all alerts need. */
import {
  absentComponents,
  controlPlaneFailureShare,
  failedControlPlaneCalls,
  proxyVersions,
  unseenProxies,
} from "../promql/mesh/watchdog.ts";
import { type AlertDefinition, type CommonAlertOptions, type RuleGroup, toAlertRule } from "./rule-groups.ts";

/** The alerts about the control plane. */
export function controlPlaneRules(options: CommonAlertOptions): RuleGroup {
  return {
    name: "linkerd-control-plane",
    interval: "1m",
    rules: ALERTS.map((definition) => toAlertRule(definition, options)),
  };
}

/** The share of failed calls, where more than 10 fail in 5 minutes. A single proxy that starts causes a few. */
const FAILED_SHARE = `${controlPlaneFailureShare("5m")} > 0.05 and ${failedControlPlaneCalls()} > 10`;

const ALERTS: readonly AlertDefinition[] = [
  {
    alert: "MeshControlPlaneCallsFail",
    severity: "critical",
    expr: FAILED_SHARE,
    for: "10m",
    summary: "{{ $value | humanizePercentage }} of the calls of proxies to {{ $labels.controller }} fail.",
    description:
      "Proxies keep their last state. New pods get no identity, and changed endpoints and policies do not reach the proxies.",
  },
  {
    alert: "MeshControlPlaneAbsent",
    severity: "critical",
    expr: absentComponents(),
    for: "5m",
    summary: "No replica of {{ $labels.component }} is scraped.",
    description: "The component of the control plane does not run, or this Prometheus does not scrape it.",
  },
  {
    alert: "MeshProxyVersionsMixed",
    severity: "info",
    expr: `${proxyVersions()} > 1`,
    for: "24h",
    summary: "Proxies run {{ $value }} different versions.",
    description: "A day after an upgrade, some workloads have not been restarted.",
  },
  {
    alert: "MeshScrapeMissing",
    severity: "warning",
    expr: unseenProxies(),
    for: "15m",
    summary: "The proxy of {{ $labels.namespace }}/{{ $labels.pod }} is not scraped.",
    description: "No other alert notices problems of this pod.",
  },
];
