/** The mesh as a stack: settings in, outputs out. */
import * as pulumi from "@pulumi/pulumi";
import { certificateMistakes } from "../components/certificates/mesh-certificates.ts";
import type { DeployedTrust } from "../components/certificates/rotation.ts";
import type { ChartName } from "../components/linkerd/charts.ts";
import { ServiceMesh } from "../components/service-mesh.ts";
import { chartSourceMistakes } from "./chart-source.ts";
import { compatibilityWarning } from "./compatibility.ts";
import { deployedTrust, readDeployed } from "./deployed-trust.ts";
import { hideKeysInDebugLog } from "./hide-keys.ts";
import { certificateSettingMistake, parseSettings, type Settings, SettingsError } from "./settings.ts";
import { unfinishedReleases } from "./unfinished-releases.ts";

/** Name of the component, before those of all its children. */
const NAME = "linkerd";

/**
 * Reads the stack's settings, refuses bad ones before anything is created, and builds the mesh.
 * What it returns are the stack's outputs.
 */
export async function meshStack() {
  hideKeysInDebugLog();
  const settings = await reported(() =>
    checkedSettings(pulumi.runtime.allConfig() as Record<string, string>),
  );
  const warning = compatibilityWarning(settings.linkerdVersion);
  if (warning !== undefined) pulumi.log.warn(warning);
  const state = await readDeployed();
  for (const unfinished of unfinishedReleases(state)) pulumi.log.warn(unfinished);
  const deployed = deployedTrust(state);
  await reported(() => throwAll(certificateSettingMistakes(settings, deployed)));
  const { linkerdVersion: version, chartSource: source, ...args } = settings;
  const mesh = new ServiceMesh(NAME, { ...args, deployed, charts: { version, source } });
  return {
    linkerdVersion: mesh.linkerdVersion,
    trustAnchorPem: mesh.trustAnchorPem,
    trustAnchorSha256: mesh.trustAnchorSha256,
    trustBundlePem: mesh.trustBundlePem,
    trustBundleSha256: mesh.trustBundleSha256,
    certificates: mesh.certificates,
  };
}

/** Settings that are good in themselves, whatever is deployed. */
async function checkedSettings(config: Record<string, string>): Promise<Settings> {
  const settings = parseSettings(config);
  const charts: ChartName[] = ["linkerd-crds", "linkerd-control-plane"];
  if (settings.cni) charts.push("linkerd2-cni");
  if (settings.viz) charts.push("linkerd-viz");
  throwAll([
    ...certificateSettingMistakes(settings),
    ...(await chartSourceMistakes(settings.chartSource, settings.linkerdVersion, charts)),
  ]);
  return settings;
}

function certificateSettingMistakes(settings: Settings, deployed?: DeployedTrust): string[] {
  const { certificates } = settings;
  return certificateMistakes(certificates, { ...settings, name: NAME }, deployed).map(
    certificateSettingMistake,
  );
}

function throwAll(mistakes: string[]): void {
  if (mistakes.length > 0) throw new SettingsError(mistakes);
}

/** Turns a `SettingsError` into a `RunError`, which Pulumi shows without a stack trace. */
async function reported<T>(check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw error instanceof SettingsError ? new pulumi.RunError(error.message) : error;
  }
}
