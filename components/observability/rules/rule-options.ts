/** The options of the rules. */
import type { CertificateSummary } from "../../certificates/report.ts";
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
  /** Names of alerts to leave out, e.g. `["MeshPodUnmeshed"]`. @default none */
  readonly disabled?: readonly string[] | undefined;
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
  readonly disabled: readonly string[];
  readonly certificates: readonly CertificateSummary[];
  /** In seconds. */
  readonly retention: number;
}

/** The page that explains the alerts. */
export const RUNBOOK_URL = "https://github.com/linkerd-mesh/linkerd-mesh/blob/main/docs/alerts.md";

/** How long viz's Prometheus keeps samples by default (linkerd2, viz/charts/linkerd-viz/values.yaml). */
export const DEFAULT_RETENTION = "6h";

/** Fills in the defaults. An invalid retention becomes `NaN`. */
export function resolveRuleOptions(options: RuleOptions): ResolvedRuleOptions {
  return {
    successRate: options.successRate ?? 0.99,
    latencyMs: options.latencyMs ?? 1000,
    latencyShare: options.latencyShare ?? 0.99,
    minRequests: options.minRequests ?? 20,
    labels: options.labels ?? {},
    runbookUrl: options.runbookUrl ?? RUNBOOK_URL,
    disabled: options.disabled ?? [],
    certificates: options.certificates ?? [],
    retention: parseDuration(options.retention ?? DEFAULT_RETENTION) ?? Number.NaN,
  };
}
