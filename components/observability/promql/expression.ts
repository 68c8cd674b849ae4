/** The pieces of PromQL that all queries share. Every function is pure and returns one line of text. */
import { DERIVED_LABELS, decodeKind } from "./derived-labels.ts";

/** The variable parts of a query. */
export interface Query {
  /**
   * Labels of the result. May contain the derived labels of `derived-labels.ts`: `kind` and `workload`, `caller`,
   * `dependency`, `destination`, `status_class`, `controller`. @default none: one number
   */
  by?: readonly string[];
  /** Further matchers, for example `namespace=~"$namespace"`. @default none */
  matchers?: string;
  /** Range of `rate` and `increase`. Rules state one, for example `5m`. @default `$__rate_interval`, Grafana's */
  window?: string;
}

/**
 * Grafana's range for `rate`: at least four scrape intervals, and at least one step. A shorter range misses scrapes, and
 * `irate` would let the last two samples decide.
 */
export const RATE_INTERVAL = "$__rate_interval";

/** A selector. Empty matchers are left out. */
export function select(metric: string, ...matchers: readonly (string | undefined)[]): string {
  const given = matchers.filter((matcher) => matcher !== undefined && matcher !== "");
  return given.length === 0 ? metric : `${metric}{${given.join(",")}}`;
}

/** The rate per second of a counter. */
export function rate(selector: string, { window = RATE_INTERVAL }: Query): string {
  return `rate(${selector}[${window}])`;
}

/** By how much a counter grew within the window. Extrapolated by Prometheus, so a small count is not an integer. */
export function increase(selector: string, { window = RATE_INTERVAL }: Query): string {
  return `increase(${selector}[${window}])`;
}

/**
 * `sum by (…)`. Derived labels are set between two sums, because series that differ in a source may
 * have the same derived label. The label `kind` is still encoded: {@link finish} decodes it.
 */
export function sumBy(by: readonly string[], expression: string): string {
  return aggregate("sum", by, expression);
}

/** As {@link sumBy}, with another operator that can be applied twice: `sum`, `min` or `max`. */
export function aggregate(
  operator: "sum" | "min" | "max",
  by: readonly string[],
  expression: string,
): string {
  const derived = DERIVED_LABELS.filter(({ labels }) => labels.some((label) => by.includes(label)));
  if (derived.length === 0) return group(operator, by, expression);
  const set = derived.flatMap(({ labels }) => labels);
  const sources = derived.flatMap((label) => label.sources);
  const kept = new Set([...by.filter((label) => !set.includes(label)), ...sources]);
  const inner = group(operator, [...kept], expression);
  return group(
    operator,
    by,
    derived.reduce((text, { derive }) => derive(text), inner),
  );
}

function group(operator: string, by: readonly string[], expression: string): string {
  return by.length === 0 ? `${operator}(${expression})` : `${operator} by (${by.join(", ")}) (${expression})`;
}

/** The last step of a query: gives `kind` its final values. Done once, on few series, because it costs a pass for each kind. */
export function finish(by: readonly string[], expression: string): string {
  return by.includes("kind") ? decodeKind(expression) : expression;
}

/**
 * The sum of `part`, and 0 where there is `whole` but nothing of `part`: a counter of failures has no series before the first
 * failure. Without `whole` there is no result, which separates "none" from "not scraped".
 */
export function countOf(by: readonly string[], part: string, whole: string): string {
  return `${sumBy(by, part)} or 0 * ${sumBy(by, whole)}`;
}

/**
 * The share of `part` in `whole`, 0 to 1.
 *
 * Two traps. A plain quotient has no result where nothing of `part` was ever counted: an application that fails every request
 * would have no success rate instead of 0. Where `whole` is 0 there is no share, and the series is left out: no traffic is
 * not 0 % and not 100 %.
 */
export function share(by: readonly string[], part: string, whole: string): string {
  return `(${countOf(by, part, whole)}) / (${sumBy(by, whole)} > 0)`;
}
