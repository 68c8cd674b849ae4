/** What an API server counts about the calls of Linkerd's webhooks. */
import { parseMetrics, sumSamples } from "../observation/proxy-metrics.ts";
import type { ProbeCluster } from "./probe-cluster.ts";

/**
 * Counters of one API server (kubernetes, staging/src/k8s.io/apiserver/pkg/admission/metrics/metrics.go). Each is since the
 * start of its process, by the name of the webhook.
 */
export interface AdmissionCounters {
  /** Start of the process, Unix time in seconds. It differs between API servers behind one address. */
  readonly processStart: number;
  /** Calls. */
  readonly calls: Readonly<Record<string, number>>;
  /** Objects that were admitted although the call failed, because of `failurePolicy: Ignore`. */
  readonly failOpen: Readonly<Record<string, number>>;
  /** Objects that were rejected because the call failed, because of `failurePolicy: Fail`. */
  readonly failClosed: Readonly<Record<string, number>>;
}

/** The webhooks in Linkerd's charts: the injectors and the validators. */
const WEBHOOKS = [
  "linkerd-proxy-injector.linkerd.io",
  "linkerd-sp-validator.linkerd.io",
  "linkerd-policy-validator.linkerd.io",
  "tap-injector.linkerd.io",
] as const;

const PREFIX = "apiserver_admission_webhook_";
const PROCESS_START = "process_start_time_seconds";

/** Reads the counters. `undefined` where the caller may not read `/metrics`. */
export async function readAdmissionCounters(
  cluster: Pick<ProbeCluster, "get">,
): Promise<AdmissionCounters | undefined> {
  const { status, body } = await cluster.get("/metrics");
  if (status === 401 || status === 403) return undefined;
  if (status !== 200) throw new Error(`the API server answers ${status} to /metrics`);
  return parseAdmissionCounters(body);
}

/** Parses the metrics of an API server in the Prometheus text format. */
export function parseAdmissionCounters(text: string): AdmissionCounters {
  // An API server has many more metrics than those that are read here.
  const lines = text.split("\n").filter((line) => line.startsWith(PREFIX) || line.startsWith(PROCESS_START));
  const samples = parseMetrics(lines.join("\n"));
  const counters = {
    processStart: sumSamples(samples, PROCESS_START, {}),
    calls: {} as Record<string, number>,
    failOpen: {} as Record<string, number>,
    failClosed: {} as Record<string, number>,
  };
  for (const { name: metric, labels, value } of samples) {
    const webhook = WEBHOOKS.find((name) => name === labels.name);
    const series = webhook && seriesOf(metric.slice(PREFIX.length), labels.error_type);
    if (webhook && series) counters[series][webhook] = (counters[series][webhook] ?? 0) + value;
  }
  return counters;
}

/** The counter that a metric belongs to. A rejection with another error type is the answer of the webhook. */
function seriesOf(
  metric: string,
  errorType: string | undefined,
): "calls" | "failOpen" | "failClosed" | undefined {
  switch (metric) {
    case "admission_duration_seconds_count":
      return "calls";
    case "fail_open_count":
      return "failOpen";
    case "rejection_count":
      return errorType === "calling_webhook_error" ? "failClosed" : undefined;
    default:
      return undefined;
  }
}
