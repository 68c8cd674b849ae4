/** How fast failures may use up the budget of the objective before an alert fires. */
import type { Severity } from "./rule-groups.ts";

/**
 * A burn rate: failures are `factor` times as frequent as the objective allows. Over 30 days, the objective of 99%
 * allows that 1% fail. The long window shows that the burn is significant, the short one that it has not ended (Google,
 * The Site Reliability Workbook, chapter 5).
 */
export interface BurnRate {
  readonly severity: Severity;
  readonly short: string;
  readonly long: string;
  readonly factor: number;
  /** How long both windows must exceed it. */
  readonly duration: string;
}

/**
 * The burn rates for a Prometheus that keeps its samples for `retention` seconds. A window that is as long as the retention
 * loses its oldest samples, so that 6 hours need a retention of 12.
 */
export function burnRates(retention: number): BurnRate[] {
  const long = retention >= 12 * 3600 ? "6h" : "3h";
  return [
    { severity: "critical", short: "5m", long: "1h", factor: 14.4, duration: "2m" },
    { severity: "warning", short: "30m", long, factor: 6, duration: "15m" },
  ];
}
