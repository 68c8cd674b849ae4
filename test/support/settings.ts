/** Settings of a stack, in the form in which the engine passes them to the program. */
import { findComponentIssues } from "../../stacks/mesh.ts";
import { compatibilityIssues } from "../../stacks/preflight/compatibility.ts";
import { toCharts } from "../../stacks/settings/chart-settings.ts";
import { readSettings } from "../../stacks/settings/read-settings.ts";
import { formatStackIssue, settingsError } from "../../stacks/settings/settings-error.ts";
import type { Settings } from "../../stacks/settings/settings-schema.ts";

/** A configuration: full keys, every value as text. */
export function config(settings: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `linkerd-mesh:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

/** The settings of a configuration. Throws if one of them is invalid. */
export function parseSettings(configuration: Record<string, string>): Settings {
  const { settings, issues, given } = readSettings(configuration);
  if (issues.length > 0) throw settingsError(issues, given);
  return settings as Settings;
}

/** The messages for all issues that need neither the cluster nor the source of the charts. */
export function findMessages(
  settings: Record<string, unknown>,
  secretSettings: readonly string[] = [],
): string[] {
  const secretKeys = new Set(secretSettings.map((setting) => `linkerd-mesh:${setting}`));
  const reading = readSettings(config(settings), secretKeys);
  const { installGatewayApi = true } = reading.settings;
  return [
    ...reading.issues,
    ...findComponentIssues(reading.settings),
    ...compatibilityIssues(toCharts(reading.settings), installGatewayApi),
  ].map((issue) => formatStackIssue(issue, reading.given));
}
