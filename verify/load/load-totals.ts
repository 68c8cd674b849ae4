/** The sum of several loads of one server. */
import type { LoadResult } from "../probe/protocol.ts";
import type { Problem } from "../report/finding.ts";

/** Requests and their answers. */
export interface LoadTotals {
  readonly sent: number;
  /** Number of answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Number of requests without an answer by error. */
  readonly errors: Readonly<Record<string, number>>;
  /** Number of answers by the pod that answered. */
  readonly pods: Readonly<Record<string, number>>;
}

/** Adds up the results of loads. */
export function addLoads(loads: readonly LoadResult[]): LoadTotals {
  return {
    sent: loads.reduce((sum, { sent }) => sum + sent, 0),
    statuses: addCounts(loads.map(({ statuses }) => statuses)),
    errors: addCounts(loads.map(({ errors }) => errors)),
    pods: addCounts(loads.map(({ pods }) => pods)),
  };
}

function addCounts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}

/** What a client needs to know of a lost request: every status except 200, and every error, with its number. */
export function describeLost({ statuses, errors }: LoadTotals): string[] {
  const { 200: _, ...others } = statuses;
  return [
    ...Object.entries(others).map(([status, count]) => `${count} with status ${status}`),
    ...Object.entries(errors).map(([error, count]) => `${count} with ${error}`),
  ];
}

/** A problem if requests were lost, or if none was sent. `when` completes the sentence, e.g. `during the restart`. */
export function judgeLoad(load: LoadTotals, when: string, cause: string, docs: string): Problem[] {
  if (load.sent === 0) {
    return [
      {
        observed: `no request was sent ${when}`,
        cause: "The client did not run, so nothing is proven.",
        docs: "docs/verify.md#rolling-restart",
      },
    ];
  }
  const lost = describeLost(load);
  const answered = load.statuses[200] ?? 0;
  if (lost.length === 0 && answered === load.sent) return [];
  const details = lost.length > 0 ? `: ${lost.join(", ")}` : "";
  return [
    { observed: `${load.sent - answered} of ${load.sent} requests were lost ${when}${details}`, cause, docs },
  ];
}
