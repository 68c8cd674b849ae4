/** Obtains Prometheus and promtool once for all tests of metrics. */
import type { TestProject } from "vitest/node";
import {
  createProgress,
  type MetricsToolName,
  metricsTools,
  obtainTools,
} from "../../../sandbox/tools/index.ts";

declare module "vitest" {
  export interface ProvidedContext {
    metricsTools: Readonly<Record<MetricsToolName, string>>;
  }
}

export default async function setup(project: TestProject) {
  const { paths } = await obtainTools(createProgress(), metricsTools);
  project.provide("metricsTools", paths);
}
