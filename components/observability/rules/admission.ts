/** Alerts about pods that start without a proxy, or do not start. */
import {
  failedPolicyEvaluations,
  podsAdmittedWithoutInjector,
  podsRejectedWithoutInjector,
  podsSkippedByInjector,
} from "../promql/mesh/admission.ts";
import { unmeshedPods } from "../promql/mesh/watchdog.ts";
import { type AlertDefinition, type CommonAlertOptions, type RuleGroup, toAlertRule } from "./rule-groups.ts";

/** The alerts about the injection of proxies. */
export function admissionRules(options: CommonAlertOptions): RuleGroup {
  return {
    name: "linkerd-admission",
    interval: "1m",
    rules: ALERTS.map((definition) => toAlertRule(definition, options)),
  };
}

const ALERTS: readonly AlertDefinition[] = [
  {
    alert: "MeshInjectorFailsOpen",
    severity: "critical",
    expr: `${podsAdmittedWithoutInjector("10m")} > 0`,
    summary: "The API server admits pods without calling the injector.",
    description:
      "About {{ $value | humanize }} pods were admitted in 10 minutes while the injector failed. They run without a proxy, without mTLS, until they are replaced.",
  },
  {
    alert: "MeshInjectorRejectsPods",
    severity: "critical",
    expr: `${podsRejectedWithoutInjector("10m")} > 0`,
    summary: "The API server rejects pods because it cannot call the injector.",
    description:
      "About {{ $value | humanize }} requests were rejected in 10 minutes. With `failurePolicy: Fail`, no pod starts until the injector runs.",
  },
  {
    alert: "MeshLabelPolicyErrors",
    severity: "warning",
    expr: `${failedPolicyEvaluations("10m")} > 0`,
    summary: "The API server cannot evaluate the policy that injects pods by their label.",
    description:
      "About {{ $value | humanize }} evaluations failed in 10 minutes ({{ $labels.error_type }}). Pods that only have the label `linkerd.io/inject` start without a proxy.",
  },
  {
    alert: "MeshPodUnmeshed",
    severity: "warning",
    expr: unmeshedPods(),
    for: "15m",
    summary: "The pod {{ $labels.namespace }}/{{ $labels.pod }} has no proxy.",
    description: "Other pods of its namespace are meshed. Its connections have no mTLS and no identity.",
  },
  {
    alert: "MeshInjectionSkipped",
    severity: "warning",
    expr: `${podsSkippedByInjector("15m")} > 0`,
    summary: "The injector skips pods of {{ $labels.namespace }}: {{ $labels.skip_reason }}.",
    description:
      "About {{ $value | humanize }} pods (owner: {{ $labels.owner_kind }}) should be meshed and were not injected in 15 minutes.",
  },
];
