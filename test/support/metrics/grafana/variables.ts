/** Resolves the variables of a dashboard: what Grafana lists, and what a user selects. */
import type { Api } from "../api.ts";
import type { DashboardJson, VariableJson } from "./dashboard.ts";
import { interpolate, type TimeSettings, type Value, type Values } from "./interpolate.ts";

/** What a user selects, by the name of the variable. @default All, or the first option of a variable without All */
export type Selection = Readonly<Record<string, string | readonly string[]>>;

export interface ResolvedVariables {
  readonly values: Values;
  /** The options of each variable that Prometheus answers. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** Requests the options of each variable, in order: a query may contain the variables before it. */
export async function resolveVariables(
  dashboard: DashboardJson,
  selection: Selection,
  api: Api,
  time: TimeSettings,
): Promise<ResolvedVariables> {
  const values = new Map<string, { variable: VariableJson; value: Value }>();
  const options = new Map<string, readonly string[]>();
  for (const variable of dashboard.templating.list) {
    if (variable.type === "datasource") continue;
    const listed = await listOptions(variable, values, api, time);
    if (variable.type === "query") options.set(variable.name, listed);
    values.set(variable.name, { variable, value: select(variable, listed, selection[variable.name]) });
  }
  return { values, options };
}

async function listOptions(
  variable: VariableJson,
  values: Values,
  api: Api,
  time: TimeSettings,
): Promise<readonly string[]> {
  if (variable.type === "custom") return (variable.options ?? []).map(({ value }) => String(value));
  if (variable.type !== "query")
    throw new Error(`${variable.name}: variables of type ${variable.type} are unknown`);
  const query = typeof variable.query === "string" ? variable.query : variable.query?.query;
  const [, selector, label] =
    /^label_values\((?:(.+),\s*)?(\w+)\)$/s.exec(interpolate(query ?? "", values, time)) ?? [];
  if (label === undefined) throw new Error(`${variable.name}: must be a query of label_values, got ${query}`);
  if (variable.regex) throw new Error(`${variable.name}: a regex for options is not supported`);
  return api.labelValues(label, selector);
}

function select(
  variable: VariableJson,
  options: readonly string[],
  selected?: string | readonly string[],
): Value {
  if (selected === undefined) {
    if (variable.includeAll)
      return variable.allValue === undefined ? [...options] : { all: variable.allValue };
    return options[0] ?? "";
  }
  const missing = [selected].flat().filter((one) => !options.includes(one));
  if (missing.length > 0) {
    throw new Error(`${variable.name}: must be among ${options.join(", ")}, got ${missing.join(", ")}`);
  }
  return variable.multi ? [selected].flat() : String(selected);
}
