/** A Prometheus that replaces viz's own. */
import type * as pulumi from "@pulumi/pulumi";
import { isDnsSubdomain } from "../../../inputs/kubernetes-names.ts";
import type { ChartValues } from "../../../inputs/merge.ts";
import { mapResolved } from "../../../inputs/outputs.ts";
import type { ValidationIssue } from "../../../inputs/validation.ts";
import { at, ineffectiveIssues, labelIssues, textIssues, urlIssues, withoutViz } from "./checks.ts";

/** A Prometheus that exists already. With it, viz installs none. */
export interface ExternalPrometheus {
  /**
   * URL from which viz reads, e.g. `http://prometheus-operated.monitoring.svc:9090`, without credentials.
   * @default none; required with viz
   */
  url?: pulumi.Input<string> | undefined;
  /**
   * Name of a Secret in viz's namespace with the keys `user` and `password`, with which viz reads.
   * @default none
   */
  credentialsSecret?: pulumi.Input<string> | undefined;
  /**
   * Whether the Prometheus Operator manages it. Its PodMonitors and a PrometheusRule are then created in the namespace of
   * the control plane. Otherwise, the output `scrapeConfig` has the jobs to add to its configuration. Plain, because it
   * decides which resources exist.
   * @default false
   */
  operator?: boolean | undefined;
  /**
   * Labels of the PodMonitors, by which the operator's Prometheus selects them, e.g.
   * `{ release: "kube-prometheus-stack" }`. With `operator` only. Plain.
   * @default none
   */
  podMonitorLabels?: Readonly<Record<string, string>> | undefined;
}

const PATH = at("external");

/** Issues with the Prometheus that replaces viz's own. */
export function externalIssues(options: ExternalPrometheus, viz: boolean): ValidationIssue[] {
  const { url, operator = false } = options;
  return [
    ...(viz
      ? url === undefined
        ? [missingUrl()]
        : []
      : (["url", "credentialsSecret"] as const)
          .filter((field) => options[field] !== undefined)
          .map((field) => withoutViz([...PATH, field]))),
    ...urlIssues(
      [...PATH, "url"],
      url,
      "http://prometheus-operated.monitoring.svc:9090",
      "remove both from the URL, and set monitoring.external.credentialsSecret to a Secret that has them",
    ),
    ...textIssues(
      [...PATH, "credentialsSecret"],
      options.credentialsSecret,
      isDnsSubdomain,
      "the name of a Secret in viz's namespace",
    ),
    ...(operator
      ? labelIssues([...PATH, "podMonitorLabels"], options.podMonitorLabels)
      : ineffectiveIssues(PATH, options, ["podMonitorLabels"], "without monitoring.external.operator", {
          because: "Only the operator reads PodMonitors",
          conflictsWith: [...PATH, "operator"],
          fixes: [{ kind: "remove" }, { kind: "set", path: [...PATH, "operator"], value: true }],
        })),
  ];
}

function missingUrl(): ValidationIssue {
  return {
    path: [...PATH, "url"],
    reason: "must be set with viz",
    got: "nothing",
    because: "viz reads its metrics from Prometheus",
    conflictsWith: ["viz"],
  };
}

/** The values of linkerd-viz for another Prometheus than its own. */
export function externalValues({ url, credentialsSecret }: ExternalPrometheus): ChartValues {
  return { prometheus: { enabled: false }, prometheusUrl: url, prometheusCredsSecret: credentialsSecret };
}

/**
 * The values of linkerd-control-plane: its PodMonitors, for the operator. By default, that of the control plane selects the
 * namespace `linkerd-viz` whatever viz's namespace is (linkerd2, charts/linkerd-control-plane/values.yaml).
 */
export function podMonitorValues(
  { operator = false, podMonitorLabels }: ExternalPrometheus,
  vizNamespace: pulumi.Input<string> | undefined,
): ChartValues {
  if (!operator) return {};
  const namespaces = ["{{ .Release.Namespace }}", ...(vizNamespace === undefined ? [] : [vizNamespace])];
  return {
    podMonitor: {
      enabled: true,
      labels: podMonitorLabels,
      controller: {
        namespaceSelector: mapResolved(namespaces, (names) => `matchNames: ${JSON.stringify(names)}`),
      },
    },
  };
}
