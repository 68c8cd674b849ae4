/** Results of loads. */
import type { LoadTotals } from "../../../../verify/load/load-totals.ts";
import type { LoadResult } from "../../../../verify/probe/protocol.ts";

/** A load of 100 requests whose answers are shared by two pods of each generation. */
export const healthyLoad: LoadTotals = {
  sent: 100,
  statuses: { 200: 100 },
  errors: {},
  pods: { "echo-old-a": 30, "echo-old-b": 30, "echo-new-a": 20, "echo-new-b": 20 },
};

/** The result of one run of the script. */
export function loadResult(changes: Partial<LoadResult> = {}): LoadResult {
  return {
    sent: 10,
    statuses: { 200: 10 },
    errors: {},
    pods: { "echo-a": 10 },
    clientIdentities: { none: 10 },
    connections: 1,
    latency: { p50: 1, max: 2 },
    lastBody: "",
    ...changes,
  };
}
