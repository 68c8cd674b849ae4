/** The mesh as a stack: settings in, outputs out. */
import * as pulumi from "@pulumi/pulumi";
import { certificateIssues } from "../components/certificates/modes/mesh-certificates.ts";
import type { DeployedTrust } from "../components/certificates/rotation.ts";
import { readDeployedState } from "../components/deployed/deployed-state.ts";
import { deployedTrust } from "../components/deployed/deployed-trust.ts";
import { adoptHelmInstall } from "../components/linkerd/adoption.ts";
import { ServiceMesh } from "../components/service-mesh.ts";
import { admissionPolicyIssues } from "./preflight/admission-policies.ts";
import { chartSourceIssues } from "./preflight/chart-source.ts";
import { compatibilityWarnings } from "./preflight/compatibility.ts";
import { deployedVersions, upgradeReport, wantedVersions } from "./preflight/upgrade-report.ts";
import { guardRemoval } from "./removal/removal-guard.ts";
import { hideKeysInDebugLog } from "./secrets/debug-log.ts";
import { secretKeys, secretValues } from "./secrets/secret-settings.ts";
import { chartsOf, installedCharts } from "./settings/chart-settings.ts";
import {
  certificateSettingMistake,
  PROJECT,
  readSettings,
  type Settings,
  SettingsError,
  whole,
} from "./settings/settings.ts";
import { unfinishedReleases } from "./state/interrupted-releases.ts";

/** Name of the component, before those of all its children. */
const NAME = "linkerd";

/**
 * Reads the stack's settings, refuses bad ones before anything is created, and builds the mesh.
 * What it returns are the stack's outputs.
 */
export async function meshStack() {
  hideKeysInDebugLog();
  refuseOtherProject(pulumi.getProject());
  const config: Record<string, string> = pulumi.runtime.allConfig();
  const secrets = secretKeys(config);
  const settings = await reported(() => checkedSettings(config, secrets));
  const charts = chartsOf(settings);
  const installed = installedCharts(settings);
  for (const warning of compatibilityWarnings(charts, installed)) {
    await pulumi.log.warn(warning);
  }
  const state = await readDeployedState();
  for (const unfinished of unfinishedReleases(state)) await pulumi.log.warn(unfinished);
  const deployed = deployedTrust(state);
  await reported(async () =>
    throwAll([
      ...certificateSettingMistakes(settings, deployed),
      ...(await admissionPolicyIssues(settings, state)),
    ]),
  );
  const { info, warnings } = upgradeReport(deployedVersions(state), wantedVersions(charts, installed));
  if (info !== undefined) await pulumi.log.info(info);
  for (const warning of warnings) await pulumi.log.warn(warning);
  const { preventDestroyInUse: _, adopt, ...args } = settings;
  // From here on nobody reads them but Helm.
  const extraValues = secrets.has(`${PROJECT}:extraValues`)
    ? secretValues(settings.extraValues)
    : settings.extraValues;
  const mesh = new ServiceMesh(
    NAME,
    { ...args, extraValues, deployed, charts },
    adopt ? { transforms: [adoptHelmInstall] } : {},
  );
  guardRemoval(mesh, settings);
  return {
    linkerdVersion: mesh.linkerdVersion,
    trustAnchorPem: mesh.trustAnchorPem,
    trustAnchorSha256: mesh.trustAnchorSha256,
    trustBundlePem: mesh.trustBundlePem,
    trustBundleSha256: mesh.trustBundleSha256,
    ports: mesh.ports,
    certificates: mesh.certificates,
  };
}

/** The CLI writes settings under the project's name, so under another one every setting would be ignored. */
function refuseOtherProject(project: string): void {
  if (project === PROJECT) return;
  throw new pulumi.RunError(
    `Pulumi.yaml: the project's name has to stay "${PROJECT}", as its settings are read from "${PROJECT}:" alone; given ` +
      `${JSON.stringify(project)}. Mend it with: pulumi stack rename ${pulumi.getOrganization()}/${PROJECT}/${pulumi.getStack()}, ` +
      `then name: ${PROJECT} in Pulumi.yaml, and ${PROJECT}: for ${project}: in Pulumi.${pulumi.getStack()}.yaml`,
  );
}

/** Settings that are good in themselves, whatever is deployed. What can be said of one waits for no other. */
export async function checkedSettings(
  config: Record<string, string>,
  secrets: ReadonlySet<string> = new Set(),
): Promise<Settings> {
  const { good, mistakes } = readSettings(config, secrets);
  return whole(good, [
    ...mistakes,
    ...certificateSettingMistakes(good),
    ...(has(good, "chartVersion", "chartSource", "charts")
      ? await chartSourceIssues(chartsOf(good), installedCharts(good), secrets)
      : []),
  ]);
}

function certificateSettingMistakes(settings: Partial<Settings>, deployed?: DeployedTrust): string[] {
  // They bear the names of the mesh.
  if (!has(settings, "certificates", "namespace", "vizNamespace", "trustDomain", "viz")) return [];
  const { certificates } = settings;
  return certificateIssues(certificates, { ...settings, name: NAME }, deployed).map(
    certificateSettingMistake,
  );
}

/** Whether all of these were good. */
function has<Key extends keyof Settings>(
  settings: Partial<Settings>,
  ...keys: Key[]
): settings is Partial<Settings> & Pick<Settings, Key> {
  return keys.every((key) => key in settings);
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
