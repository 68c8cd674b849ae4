/** What every Helm release of the mesh has in common. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { type ChartName, type LinkerdCharts, locateChart } from "./charts.ts";

/** Revisions that Helm keeps, each a Secret of the size of the whole chart; its own default is no limit. */
const MAX_HISTORY = 5;

/** Seconds until an install or upgrade that does not become ready is reported as failed. */
const TIMEOUT_SECONDS = 600;

/**
 * Installs a chart under its own name, which is also what `helm list` shows. `Release` and not `Chart`: it
 * runs hooks, waits until what it made is ready, and compares inputs rather than renders.
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
