/** The alerts of a mesh: for the Prometheus Operator, and as an output. */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateSummary } from "../certificates/report.ts";
import { ownerAnnotation } from "../inputs/owner.ts";
import { TAKE_FIELDS_OVER } from "../linkerd/field-ownership.ts";
import type { DeliveredAlerts } from "../linkerd/values/monitoring/delivery.ts";
import { rules } from "../observability/rules/rules.ts";

/** An alert that Prometheus evaluates. */
export interface AlertSummary {
  /** Its name. Alerts of one name may have several severities. */
  name: string;
  /** `critical`, `warning` or `info`. */
  severity: string;
  /** The page that explains it. */
  runbook: string;
}

/** The name of the PrometheusRule. */
export const PROMETHEUS_RULE_NAME = "linkerd-mesh";

/** Lists the alerts. */
export function listAlerts({ options }: DeliveredAlerts): AlertSummary[] {
  return rules(options)
    .flatMap((group) => group.rules)
    .flatMap((rule) =>
      "alert" in rule
        ? [{ name: rule.alert, severity: rule.labels.severity, runbook: rule.annotations.runbook_url }]
        : [],
    );
}

/** Creates the PrometheusRule, from which the operator writes a rule file. */
export function createPrometheusRule(
  name: string,
  { options, ruleLabels }: DeliveredAlerts,
  args: {
    namespace: pulumi.Input<string>;
    owner: pulumi.Input<string> | undefined;
    certificates: pulumi.Input<readonly CertificateSummary[]>;
  },
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
  return new k8s.apiextensions.CustomResource(
    name,
    {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PrometheusRule",
      metadata: {
        name: PROMETHEUS_RULE_NAME,
        namespace: args.namespace,
        labels: { ...ruleLabels },
        annotations: { ...TAKE_FIELDS_OVER, ...ownerAnnotation(args.owner) },
      },
      spec: {
        groups: pulumi.output(args.certificates).apply((certificates) => rules({ ...options, certificates })),
      },
    },
    opts,
  );
}
