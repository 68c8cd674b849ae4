/** CPU and memory of the selected workloads, the application and its proxy apart. */
import { cpuThrottling, cpuUsage, memoryUsage, type Side } from "../../promql/applications/saturation.ts";
import { SELECTED_PODS } from "../../promql/selection.ts";
import type { Section } from "../parts/layout.ts";
import { timeseries } from "../parts/panels.ts";
import { range } from "../parts/queries.ts";
import { WAITING } from "../parts/thresholds.ts";

const SIDES: readonly Side[] = ["application", "proxy"];
const FROM_KUBELET = "Measured by the kubelet (cAdvisor), for all pods of the selected workloads.";

export function saturation(): Section {
  const query = { matchers: SELECTED_PODS };
  const bySide = (expr: (side: Side) => string) => SIDES.map((side) => range(expr(side), side, "cluster"));
  return {
    title: "Saturation",
    panels: [
      [
        timeseries({
          title: "CPU",
          description: `CPU cores in use. ${FROM_KUBELET}`,
          unit: "short",
          source: "cluster",
          stacked: true,
          queries: bySide((side) => cpuUsage(side, query)),
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "CPU throttling",
          description: `The share of time slices in which a container waits for its CPU limit. Without a limit there is none. ${FROM_KUBELET}`,
          unit: "percentunit",
          source: "cluster",
          max: 1,
          noValue: "no limit",
          thresholds: WAITING,
          queries: bySide((side) => cpuThrottling(side, query)),
        }),
        8,
        8,
      ],
      [
        timeseries({
          title: "Memory",
          description: `Working set: the number that the kubelet compares with the limit. ${FROM_KUBELET}`,
          unit: "bytes",
          source: "cluster",
          stacked: true,
          queries: bySide((side) => memoryUsage(side, query)),
        }),
        8,
        8,
      ],
    ],
  };
}
