/** Recordings of stack states that releases of this project created. */
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import type { StackConfig } from "../../sandbox/engine.ts";

/** A JSON file in this directory: the settings of a stack, and its state as `pulumi stack export` writes it. */
export interface Recording {
  settings: StackConfig & { chartVersion: string };
  deployment: Deployment;
}

/** Name of the recorded stack. Every URN contains it. */
export const STACK = "recorded";

/** Placeholder for the directory of the charts, which differs between machines. */
const CHARTS = "<charts>";

/** Fields with the source position of a resource: they depend on the machine and do not affect an operation. */
const POSITIONS = ["sourcePosition", "stackTrace"];

/** Formats a recording as the text of its file, without data that depends on this machine. */
export function formatRecording(recording: Recording, charts: string): string {
  const text = JSON.stringify(recording, (key, value) => (POSITIONS.includes(key) ? undefined : value), 1);
  return `${text.replaceAll(charts, CHARTS)}\n`;
}

/**
 * Parses the text of a recording's file, and gives settings their current names. `charts` returns the directory of the
 * charts of a version.
 */
export function parseRecording(text: string, charts: (version: string) => string): Recording {
  const { linkerdVersion, ...settings } = JSON.parse(text).settings;
  const chartVersion: string = linkerdVersion ?? settings.chartVersion;
  const recording = JSON.parse(text.replaceAll(CHARTS, charts(chartVersion)));
  const { linkerdVersion: _, ...current } = recording.settings;
  return { ...recording, settings: { ...current, chartVersion } };
}
