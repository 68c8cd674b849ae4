/** The mesh as a stack: settings in, outputs out. */
import * as pulumi from "@pulumi/pulumi";
import type { ChartName } from "../components/linkerd/charts.ts";
import { ServiceMesh } from "../components/service-mesh.ts";
import { chartSourceMistakes } from "./chart-source.ts";
import { parseSettings, type Settings, SettingsError } from "./settings.ts";

/**
 * Reads the stack's settings, refuses bad ones before anything is created, and builds the mesh.
 * What it returns are the stack's outputs.
 */
export async function meshStack() {
  const settings = await checkedSettings(pulumi.runtime.allConfig() as Record<string, string>);
  const { linkerdVersion: version, chartSource: source, ...args } = settings;
  const mesh = new ServiceMesh("linkerd", { ...args, charts: { version, source } });
  return {
    linkerdVersion: mesh.linkerdVersion,
    trustAnchorPem: mesh.trustAnchorPem,
    trustAnchorSha256: mesh.trustAnchorSha256,
    certificates: mesh.certificates,
  };
}

/** Throws a `RunError`, which Pulumi shows without a stack trace. */
async function checkedSettings(config: Record<string, string>): Promise<Settings> {
  try {
    const settings = parseSettings(config);
    const charts: ChartName[] = ["linkerd-crds", "linkerd-control-plane"];
    if (settings.viz) charts.push("linkerd-viz");
    const mistakes = await chartSourceMistakes(settings.chartSource, settings.linkerdVersion, charts);
    if (mistakes.length > 0) throw new SettingsError(mistakes);
    return settings;
  } catch (error) {
    throw error instanceof SettingsError ? new pulumi.RunError(error.message) : error;
  }
}
