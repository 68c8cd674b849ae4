/** The alerts of the mesh, and the objectives that they measure. */
import type { RuleOptions } from "../../../observability/rules/rule-options.ts";

/** Objectives, labels and selection of the alerts. All are plain, because they are checked before anything is registered. */
export interface AlertOptions
  extends Pick<
    RuleOptions,
    "successRate" | "latencyMs" | "latencyShare" | "minRequests" | "labels" | "runbookUrl" | "disabled"
  > {
  /**
   * Labels of the PrometheusRule, by which the operator's Prometheus selects it, e.g.
   * `{ release: "kube-prometheus-stack" }`. With `external.operator` only.
   * @default none
   */
  readonly ruleLabels?: Readonly<Record<string, string>> | undefined;
}
