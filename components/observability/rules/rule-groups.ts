/** Rule groups as Prometheus reads them, in a rule file or in the spec of a PrometheusRule. */

/** A query whose result is recorded under another name. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** How urgent an alert is: `critical` pages someone, `warning` waits for working hours, `info` is for the records. */
export type Severity = "critical" | "warning" | "info";

/** A query that alerts for each series of its result. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long the result must persist before the alert fires. @default 0s */
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>> & { readonly severity: Severity };
  /** `summary`, `description` and `runbook_url`, as templates of Prometheus. */
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url: string;
  };
}

export type Rule = RecordingRule | AlertRule;

/** Rules that are evaluated one after another, with the same timestamp. */
export interface RuleGroup {
  readonly name: string;
  /** Time between two evaluations. */
  readonly interval: string;
  readonly rules: readonly Rule[];
}

/** One alert without its common parts, which {@link toAlertRule} adds. */
export interface AlertDefinition {
  readonly alert: string;
  readonly severity: Severity;
  readonly expr: string;
  readonly for?: string;
  readonly summary: string;
  readonly description: string;
}

/** The options that every alert has in common. */
export interface CommonAlertOptions {
  readonly labels: Readonly<Record<string, string>>;
  readonly runbookUrl: string;
}

/** Adds the common labels and the URL of the runbook, whose headings are the names of the alerts. */
export function toAlertRule(
  definition: AlertDefinition,
  { labels, runbookUrl }: CommonAlertOptions,
): AlertRule {
  const { alert, severity, expr, for: duration, summary, description } = definition;
  return {
    alert,
    expr,
    ...(duration !== undefined && { for: duration }),
    labels: { ...labels, severity },
    annotations: { summary, description, runbook_url: `${runbookUrl}#${alert.toLowerCase()}` },
  };
}
