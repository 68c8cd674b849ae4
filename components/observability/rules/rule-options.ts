/** The options of the rules, and their checks. */
import type { CertificateSummary } from "../../certificates/report.ts";
import { IssueCollector } from "../../inputs/validation.ts";
import { LATENCY_BOUNDS_MS } from "../promql/applications/latency.ts";
import { parseDuration } from "./duration.ts";

/** The options of {@link rules}. */
export interface RuleOptions {
  /**
   * The objective: the share of requests that succeed, from 0.95 to less than 1. A request fails by a 5xx status, or by a
   * gRPC status that Linkerd classifies as a failure. @default 0.99
   */
  readonly successRate?: number | undefined;
  /**
   * The latency of a slow response, in milliseconds: 1, 2 or 5 times a power of ten, from 1 to 50000. Prometheus
   * keeps these bounds of the proxy's histogram. @default 1000
   */
  readonly latencyMs?: number | undefined;
  /** The objective: the share of responses that are not slow, between 0 and 1. @default 0.99 */
  readonly latencyShare?: number | undefined;
  /**
   * The number of requests, or of TCP connections, in the shortest window of an alert below which it does not fire. One
   * failure of two requests is not an incident. @default 20
   */
  readonly minRequests?: number | undefined;
  /** Labels of every alert besides `severity`, e.g. `{ team: "platform" }`. @default none */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The page that explains the alerts, one heading for each. @default docs/alerts.md of this project */
  readonly runbookUrl?: string | undefined;
  /** The output `certificates` of the stack, whose expiry alerts need. @default none */
  readonly certificates?: readonly CertificateSummary[] | undefined;
  /**
   * How long the Prometheus keeps its samples, at least 6h. From 12h on, the slow burn rate is measured over 6 hours
   * instead of 3. @default "6h", the retention of viz's Prometheus
   */
  readonly retention?: string | undefined;
}

/** The options with their defaults. */
export interface ResolvedRuleOptions {
  readonly successRate: number;
  readonly latencyMs: number;
  readonly latencyShare: number;
  readonly minRequests: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly runbookUrl: string;
  readonly certificates: readonly CertificateSummary[];
  /** In seconds. */
  readonly retention: number;
}

/** The page that explains the alerts. */
export const RUNBOOK_URL = "https://github.com/linkerd-mesh/linkerd-mesh/blob/main/docs/alerts.md";

/** A burn rate of 14.4 is more than all requests below this objective, so that its alert could not fire. */
const LOWEST_SUCCESS_RATE = 0.95;
const SHORTEST_RETENTION = "6h";

/**
 * Fills in the defaults.
 *
 * @throws ValidationError with all invalid options
 */
export function resolveRuleOptions(options: RuleOptions): ResolvedRuleOptions {
  const resolved = {
    successRate: options.successRate ?? 0.99,
    latencyMs: options.latencyMs ?? 1000,
    latencyShare: options.latencyShare ?? 0.99,
    minRequests: options.minRequests ?? 20,
    labels: options.labels ?? {},
    runbookUrl: options.runbookUrl ?? RUNBOOK_URL,
    certificates: options.certificates ?? [],
    retention: parseDuration(options.retention ?? SHORTEST_RETENTION) ?? Number.NaN,
  };
  const issues = new IssueCollector("rules");
  const { successRate, latencyMs, latencyShare, minRequests, retention } = resolved;
  if (!(successRate >= LOWEST_SUCCESS_RATE && successRate < 1)) {
    issues.add({
      path: ["successRate"],
      reason: `must be a number from ${LOWEST_SUCCESS_RATE} to less than 1`,
      got: String(successRate),
      because:
        "The alert for a fast burn rate needs 14.4 times the share of failures that the objective allows",
    });
  }
  if (!LATENCY_BOUNDS_MS.some((bound) => bound === latencyMs)) {
    issues.add({
      path: ["latencyMs"],
      reason: "must be a latency that Prometheus counts: 1, 2 or 5 times a power of ten, from 1 to 50000",
      got: String(latencyMs),
      because: "The number of responses above any other latency is not known",
      fixes: nearestBounds(latencyMs).map((value) => ({ kind: "set", path: ["latencyMs"], value })),
    });
  }
  if (!(latencyShare > 0 && latencyShare < 1)) {
    issues.add({
      path: ["latencyShare"],
      reason: "must be a number between 0 and 1",
      got: String(latencyShare),
    });
  }
  if (!(Number.isInteger(minRequests) && minRequests >= 1)) {
    issues.add({
      path: ["minRequests"],
      reason: "must be an integer of 1 or more",
      got: String(minRequests),
    });
  }
  if (!(retention >= 6 * 3600)) {
    issues.add({
      path: ["retention"],
      reason: `must be a duration of ${SHORTEST_RETENTION} or more`,
      got: JSON.stringify(options.retention),
      because: "A burn rate over a longer window than the retention has no result",
    });
  }
  issues.assertValid();
  return resolved;
}

/** The bounds below and above `latencyMs`, as far as there are any. */
function nearestBounds(latencyMs: number): number[] {
  const below = LATENCY_BOUNDS_MS.filter((bound) => bound < latencyMs).at(-1);
  const above = LATENCY_BOUNDS_MS.find((bound) => bound > latencyMs);
  return [below, above].filter((bound) => bound !== undefined);
}
