import type { GoModule, Tool } from "./catalog.ts";
import { locatePrometheus } from "./releases.ts";

export type MetricsToolName = "prometheus" | "promtool";

const metrics: GoModule = { name: "metrics" };

const version = "3.16.0";

/**
 * The tools that only the tests of metrics and the benchmarks obtain. The sandbox starts without them, so that it
 * does not have to build them.
 */
export const metricsTools: readonly Tool<MetricsToolName>[] = [
  describeTool("prometheus"),
  describeTool("promtool"),
];

function describeTool(name: MetricsToolName): Tool<MetricsToolName> {
  return {
    name,
    version,
    accepted: ">=3.0.0 <4.0.0",
    versionArguments: ["--version"],
    release: locatePrometheus(version),
    build: {
      module: metrics,
      package: `github.com/prometheus/prometheus/cmd/${name}`,
      variables: { "github.com/prometheus/common/version.Version": version },
      // Without the SDKs of the cloud providers. Kubernetes is the only service discovery that Linkerd needs.
      tags: "remove_all_sd,enable_kubernetes_sd",
    },
  };
}
