/**
 * Obtains Prometheus and promtool once for all tests of metrics, and a Prometheus 2 where there is one. Ends the servers that
 * the tests share.
 */
import type { TestProject } from "vitest/node";
import {
  createProgress,
  type MetricsToolName,
  metricsTools,
  obtainTools,
} from "../../../sandbox/tools/index.ts";
import { connect } from "./prometheus.ts";
import { findPrometheus2 } from "./prometheus-2.ts";
import { findServers } from "./running-servers.ts";

declare module "vitest" {
  export interface ProvidedContext {
    metricsTools: Readonly<Record<MetricsToolName, string>>;
    /** Path of a Prometheus 2. Empty if there is none. */
    prometheus2: string;
  }
}

export default async function setup(project: TestProject) {
  const progress = createProgress();
  const { paths } = await obtainTools(progress, metricsTools);
  project.provide("metricsTools", paths);
  const found = await findPrometheus2();
  if ("missing" in found) progress.print(`Metrics tests run without Prometheus 2: ${found.missing}.`);
  project.provide("prometheus2", "path" in found ? found.path : "");
  return async () => {
    for (const server of findServers().values()) await connect(server).stop();
  };
}
