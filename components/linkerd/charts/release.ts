/** The options that all Helm releases of the mesh share. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type ChartName, type LinkerdCharts, locateChart } from "./charts.ts";

/** Revisions that Helm keeps. Each is a Secret as large as the rendered chart, and Helm's default has no limit. */
const MAX_HISTORY = 5;

/** Seconds after which an install or upgrade that is not ready fails. */
const TIMEOUT_SECONDS = 600;

/**
 * Installs a chart. The release has the chart's name, which `helm list` shows. It is a `Release` and not a `Chart`,
 * because a `Release` runs hooks, waits until its objects are ready, and compares inputs instead of renders.
 */
export function installChart(
  name: string,
  chart: ChartName,
  args: { charts: LinkerdCharts; namespace: pulumi.Input<string>; values: pulumi.Inputs },
  opts: pulumi.CustomResourceOptions,
): k8s.helm.v3.Release {
  return new k8s.helm.v3.Release(
    name,
    {
      name: chart,
      ...locateChart(chart, args.charts),
      namespace: args.namespace,
      values: args.values,
      maxHistory: MAX_HISTORY,
      timeout: TIMEOUT_SECONDS,
    },
    opts,
  );
}
