/**
 * The responses of each workload, as recording rules store them. A burn rate compares windows of up to 6 hours: over the
 * recorded series of the workloads, such a query reads a fraction of the samples that all series of all pods have.
 */
import { WORKLOAD } from "../derived-labels.ts";
import { finish, rate, select, sumBy } from "../expression.ts";
import { APPLICATION } from "./traffic.ts";

/** Responses per second of a workload, by {@link WORKLOAD}. */
export const WORKLOAD_RESPONSES = "linkerd_mesh:workload_responses:rate5m";

/** Failures per second of a workload, by {@link WORKLOAD}. Not present before the first failure. */
export const WORKLOAD_FAILURES = "linkerd_mesh:workload_failures:rate5m";

/** Time between two samples of the recorded series, as a duration and in seconds. */
export const RECORDING_INTERVAL = "1m";
const INTERVAL_SECONDS = 60;

const responses = (classification?: string) =>
  rate(select("response_total", APPLICATION, classification), { window: "5m" });

/** The query of {@link WORKLOAD_RESPONSES}. */
export function workloadResponses(): string {
  return finish(WORKLOAD, sumBy(WORKLOAD, responses()));
}

/** The query of {@link WORKLOAD_FAILURES}. */
export function workloadFailures(): string {
  return finish(WORKLOAD, sumBy(WORKLOAD, responses('classification="failure"')));
}

/**
 * The share of responses that failed during `window`, by {@link WORKLOAD}. Not present without failures. Sums, because an
 * average of the failures would leave out the times without any.
 */
export function workloadFailureShare(window: string): string {
  return `${sumOver(WORKLOAD_FAILURES, window)} / (${sumOver(WORKLOAD_RESPONSES, window)} > 0)`;
}

/** The number of responses during `window`, by {@link WORKLOAD}. */
export function workloadResponseCount(window: string): string {
  return `${sumOver(WORKLOAD_RESPONSES, window)} * ${INTERVAL_SECONDS}`;
}

/** A sample is a rate over 5 minutes. Over that window, the last sample is exact, and a sum would reach back 10 minutes. */
function sumOver(metric: string, window: string): string {
  return window === "5m" ? `${metric} * 5` : `sum_over_time(${metric}[${window}])`;
}
