/** The settings of the sandbox's mesh. */
import type { SandboxCharts } from "./charts.ts";

/** The settings, without the prefix of the project. The networks are those of the cluster that the sandbox starts. */
export function sandboxSettings(charts: SandboxCharts["settings"]) {
  return { ...charts, clusterNetworks: ["127.0.0.0/8", "10.0.0.0/8"] };
}
