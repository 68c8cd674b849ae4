/** Replaces variables as Grafana's data source for Prometheus does (grafana/packages/grafana-prometheus). */
import type { VariableJson } from "./dashboard.ts";

/** The value of a variable: one, several, or `All` with its own value. */
export type Value = string | readonly string[] | { readonly all: string };

export type Values = ReadonlyMap<string, { readonly variable: VariableJson; readonly value: Value }>;

/** The time of a dashboard, in seconds. */
export interface TimeSettings {
  readonly range: number;
  /** Distance of two points of a panel: a range of an hour on a wide screen needs less than a scrape interval. */
  readonly interval: number;
  /** The scrape interval that is configured for the data source. */
  readonly scrapeInterval: number;
}

const REFERENCE = /\$\{(\w+)(?::\w+)?\}|\$(\w+)/g;

export function interpolate(text: string, values: Values, time: TimeSettings): string {
  const builtIn: Readonly<Record<string, string>> = {
    __interval: `${time.interval}s`,
    __rate_interval: `${Math.max(time.interval + time.scrapeInterval, 4 * time.scrapeInterval)}s`,
    __range: `${time.range}s`,
    __range_s: String(time.range),
    __range_ms: String(time.range * 1000),
  };
  return text.replace(REFERENCE, (whole, braced: string | undefined, bare: string | undefined) => {
    const name = braced ?? bare ?? "";
    // Grafana leaves what it does not know. `$1` is a group of `label_replace`.
    if (/^\d+$/.test(name)) return whole;
    const known = builtIn[name];
    if (known !== undefined) return known;
    const found = values.get(name);
    if (!found) throw new Error(`there is no variable ${name}: ${text}`);
    return formatValue(found.variable, found.value);
  });
}

function formatValue({ multi = false, includeAll = false }: VariableJson, value: Value): string {
  if (isAll(value)) return value.all;
  if (typeof value === "string") return multi || includeAll ? escapeRegex(value) : escapeString(value);
  const escaped = value.map(escapeRegex);
  return escaped.length === 1 ? (escaped[0] ?? "") : `(${escaped.join("|")})`;
}

function isAll(value: Value): value is { readonly all: string } {
  return typeof value === "object" && "all" in value;
}

/** Text within the quotes of a query. */
function escapeString(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"');
}

/** A regular expression that matches the text, within the quotes of a query: hence two backslashes for each. */
function escapeRegex(value: string): string {
  return value.replace(/\\/g, "\\\\\\\\").replace(/[$^*{}[\]'+?.()|]/g, "\\\\$&");
}
