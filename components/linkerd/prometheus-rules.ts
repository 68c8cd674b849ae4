/** The rules of viz's Prometheus, and what restarts it with a changed configuration. */
import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CertificateSummary } from "../certificates/report.ts";
import { type ChartValues, isTable, mergeValues } from "../inputs/merge.ts";
import { mapInput, mapResolved } from "../inputs/outputs.ts";
import { ownerAnnotation } from "../inputs/owner.ts";
import { rules } from "../observability/rules/rules.ts";
import { TAKE_FIELDS_OVER } from "./field-ownership.ts";
import type { DeliveredAlerts } from "./values/monitoring/delivery.ts";

/** The ConfigMap of the rules, and the volume that mounts it. */
export const RULES_NAME = "linkerd-mesh-rules";

/** The file of the rules. Prometheus reads `*_rules.yml` (linkerd2, viz/charts/linkerd-viz/templates/prometheus.yaml). */
export const RULES_FILE = "linkerd_rules.yml";

/** Annotation with the checksum of the configuration. */
const CHECKSUM = "linkerd-mesh/prometheus-config";

/** The values of the chart that are part of the configuration file. All others change the pod by themselves. */
const CONFIGURATION = [
  "globalConfig",
  "scrapeConfigs",
  "metricRelabelConfigs",
  "alertRelabelConfigs",
  "alertmanagers",
  "remoteWrite",
] as const;

/** Creates the ConfigMap of the rules. JSON is valid YAML. */
export function createRules(
  name: string,
  { options }: DeliveredAlerts,
  args: {
    namespace: pulumi.Input<string>;
    owner: pulumi.Input<string> | undefined;
    certificates: pulumi.Input<readonly CertificateSummary[]>;
  },
  opts: pulumi.CustomResourceOptions,
): { configMap: k8s.core.v1.ConfigMap; text: pulumi.Output<string> } {
  const text = pulumi
    .output(args.certificates)
    .apply((certificates) => JSON.stringify({ groups: rules({ ...options, certificates }) }));
  const annotations = { ...TAKE_FIELDS_OVER, ...ownerAnnotation(args.owner) };
  const metadata = { name: RULES_NAME, namespace: args.namespace, annotations };
  return {
    configMap: new k8s.core.v1.ConfigMap(name, { metadata, data: { [RULES_FILE]: text } }, opts),
    text,
  };
}

/**
 * The values of the chart with the file of the rules, if there is one, and with a checksum of the configuration as an
 * annotation of the pod. The chart mounts its files by `subPath`, so a running pod never sees a change of them.
 */
export function withPrometheusConfiguration(
  values: ChartValues,
  rulesText: pulumi.Output<string> | undefined,
): ChartValues {
  const prometheus = isTable(values.prometheus) ? values.prometheus : {};
  const configuration = CONFIGURATION.map((key) => prometheus[key]);
  const checksum = mapResolved([configuration, rulesText], (resolved) =>
    createHash("sha256").update(JSON.stringify(resolved)).digest("hex"),
  );
  const mount = { name: RULES_NAME, subPath: RULES_FILE, configMap: RULES_NAME };
  const mounts = mapInput(prometheus.ruleConfigMapMounts as pulumi.Input<object[]>, (own) => [
    ...(own ?? []),
    mount,
  ]);
  return mergeValues(values, {
    prometheus: {
      podAnnotations: { [CHECKSUM]: checksum },
      ...(rulesText !== undefined && { ruleConfigMapMounts: mounts }),
    },
  });
}
