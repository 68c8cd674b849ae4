/** The table of one side of the selected workloads' traffic. */
import { latencyQuantile } from "../../promql/applications/latency.ts";
import { requestRate, successRate, type Traffic } from "../../promql/applications/traffic.ts";
import type { TablePanel } from "../parts/sdk-types.ts";
import { type LabelColumn, table } from "../parts/table.ts";
import { SUCCESS } from "../parts/thresholds.ts";

export interface TrafficTable {
  title: string;
  description: string;
  /** The columns that identify a row. Their labels are those that `traffic` groups by. */
  labels: readonly LabelColumn[];
  traffic: Traffic;
}

/** Requests, success and the 95th percentile of the latency for each combination of labels, the busiest first. */
export function trafficTable({ title, description, labels, traffic }: TrafficTable): TablePanel {
  return table({
    title,
    description,
    labels,
    columns: [
      { title: "Requests", expr: requestRate(traffic), unit: "reqps" },
      { title: "Success", expr: successRate(traffic), unit: "percentunit", thresholds: SUCCESS },
      { title: "p95", expr: latencyQuantile(0.95, traffic), unit: "ms" },
    ],
    sortBy: "Requests",
  });
}
