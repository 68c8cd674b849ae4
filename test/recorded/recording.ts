/** What a release of this project left in the state of a stack. */
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import type { StackConfig } from "../../sandbox/engine.ts";

/** A file of this directory: the settings that the stack had, and its state as `pulumi stack export` writes it. */
export interface Recording {
  settings: StackConfig & { chartVersion: string };
  deployment: Deployment;
}

/** Name of the stack, which is in every URN. */
export const STACK = "recorded";

/** Stands for the directory of the charts, which each machine has elsewhere. */
const CHARTS = "<charts>";

/** Where in the source a resource was made: of the machine that recorded, and of no consequence. */
const POSITIONS = ["sourcePosition", "stackTrace"];

/** The file's text, without what is of this machine. */
export function written(recording: Recording, charts: string): string {
  const text = JSON.stringify(recording, (key, value) => (POSITIONS.includes(key) ? undefined : value), 1);
  return `${text.replaceAll(charts, CHARTS)}\n`;
}

/** The recording in a file, with the charts in the directory that `charts` returns and settings under today's names. */
export function recordingIn(text: string, charts: (version: string) => string): Recording {
  const { linkerdVersion, ...settings } = JSON.parse(text).settings;
  const chartVersion: string = linkerdVersion ?? settings.chartVersion;
  const recording = JSON.parse(text.replaceAll(CHARTS, charts(chartVersion)));
  const { linkerdVersion: _, ...current } = recording.settings;
  return { ...recording, settings: { ...current, chartVersion } };
}
