/** Recording rules and alerts about the traffic of the applications. */

import { latencyShareAbove } from "../promql/applications/latency.ts";
import { deniedRate } from "../promql/applications/policy.ts";
import {
  RECORDING_INTERVAL,
  WORKLOAD_FAILURES,
  WORKLOAD_RESPONSES,
  workloadFailureShare,
  workloadFailures,
  workloadResponseCount,
  workloadResponses,
} from "../promql/applications/recorded.ts";
import { OPENED, tcpCloseRate, tcpFailureShare } from "../promql/applications/tcp.ts";
import { WORKLOAD } from "../promql/derived-labels.ts";
import { type BurnRate, burnRates } from "./burn-rates.ts";
import { type AlertDefinition, type RuleGroup, toAlertRule } from "./rule-groups.ts";
import type { ResolvedRuleOptions } from "./rule-options.ts";

/** The rules about applications. The recorded series precede the alerts that use them. */
export function applicationRules(options: ResolvedRuleOptions): RuleGroup {
  return {
    name: "linkerd-applications",
    interval: RECORDING_INTERVAL,
    rules: [
      { record: WORKLOAD_RESPONSES, expr: workloadResponses() },
      { record: WORKLOAD_FAILURES, expr: workloadFailures() },
      ...applicationAlerts(options).map((definition) => toAlertRule(definition, options)),
    ],
  };
}

/** The workload of an alert in a sentence, e.g. `deployment shop/web`. */
const SUBJECT = "{{ $labels.kind }} {{ $labels.namespace }}/{{ $labels.workload }}";

function applicationAlerts(options: ResolvedRuleOptions): AlertDefinition[] {
  return [
    ...burnRates(options.retention).map((burnRate) => successRateAlert(burnRate, options)),
    {
      alert: "MeshLatencyHigh",
      severity: "warning",
      expr: `${latencyShareAbove(options.latencyMs, { by: WORKLOAD, window: "10m" })} > ${complement(options.latencyShare)} and ${workloadResponseCount("10m")} >= ${options.minRequests}`,
      for: "10m",
      summary: `${SUBJECT} is slow.`,
      description: `{{ $value | humanizePercentage }} of its responses take longer than ${options.latencyMs} ms. The objective allows ${percent(complement(options.latencyShare))}.`,
    },
    {
      alert: "MeshCallersDenied",
      severity: "warning",
      expr: `${deniedRate({ by: [...WORKLOAD, "srv_name", "caller"], window: "5m" })} > 0`,
      for: "10m",
      summary: `${SUBJECT} denies {{ $labels.caller }}.`,
      description:
        "The Server {{ $labels.srv_name }} denies {{ $value | humanize }} requests or connections per second. The caller has no AuthorizationPolicy, or is not meshed.",
    },
    {
      alert: "MeshTcpConnectionsFail",
      severity: "warning",
      expr: `${tcpFailureShare(FAILED_CONNECTIONS)} > 0.05 and ${tcpCloseRate(FAILED_CONNECTIONS)} * 600 >= ${options.minRequests}`,
      for: "10m",
      summary: `Connections of ${SUBJECT} to {{ $labels.dependency }} break.`,
      description: "{{ $value | humanizePercentage }} of the connections that ended did so with an error.",
    },
  ];
}

const FAILED_CONNECTIONS = { connections: OPENED, by: [...WORKLOAD, "dependency"], window: "10m" };

/** Fires while failures use up the budget of the objective several times too fast, over a long and over a short window. */
function successRateAlert(
  { severity, short, long, factor, duration }: BurnRate,
  { successRate, minRequests }: ResolvedRuleOptions,
): AlertDefinition {
  const threshold = round(factor * complement(successRate));
  return {
    alert: "MeshSuccessRateLow",
    severity,
    expr: `${workloadFailureShare(short)} > ${threshold} and ${workloadFailureShare(long)} > ${threshold} and ${workloadResponseCount(short)} >= ${minRequests}`,
    for: duration,
    summary: `${SUBJECT} fails {{ $value | humanizePercentage }} of its requests.`,
    description: `The share of failures was above ${percent(threshold)} in the last ${short} and in the last ${long}. That is ${factor} times the share that the objective of ${percent(successRate)} allows.`,
  };
}

const complement = (share: number) => round(1 - share);

const percent = (share: number) => `${round(share * 100)}%`;

/** Without the error of binary fractions: 1 - 0.99 is 0.01. */
const round = (value: number) => Number(value.toPrecision(9));
