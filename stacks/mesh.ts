/** The mesh as a stack: from settings to outputs. */
import * as pulumi from "@pulumi/pulumi";
import { planCertificates } from "../components/certificates/modes/mesh-certificates.ts";
import type { DeployedTrust } from "../components/certificates/rotation.ts";
import { type DeployedState, readDeployedState } from "../components/deployed/deployed-state.ts";
import { deployedTrust } from "../components/deployed/deployed-trust.ts";
import {
  formatValue,
  joinIssue,
  ValidationError,
  type ValidationIssue,
} from "../components/inputs/validation.ts";
import { adoptHelmInstall, importRelease } from "../components/linkerd/adoption.ts";
import { settingIssues } from "../components/linkerd/mesh-validation.ts";
import { ServiceMesh } from "../components/service-mesh.ts";
import { openClusterOnce } from "./cluster/cluster.ts";
import { addExternalIssuer } from "./preflight/adoption/external-issuer.ts";
import { type ChartReport, checkChartSources } from "./preflight/chart-source.ts";
import { checkCluster } from "./preflight/check-cluster.ts";
import { compatibilityIssues, compatibilityWarnings } from "./preflight/compatibility.ts";
import { notificationWarnings } from "./preflight/monitoring/check-monitoring.ts";
import type { OwnershipReport } from "./preflight/ownership/check-ownership.ts";
import { currentStack } from "./preflight/ownership/owned-objects.ts";
import { NOTHING_FOUND, uncheckedWarnings } from "./preflight/unchecked.ts";
import { previewWithout } from "./preflight/unread-charts.ts";
import { withoutRepeatedFailures } from "./preflight/unread-cluster.ts";
import { deployedVersions, requestedVersions, upgradeReport } from "./preflight/upgrade-report.ts";
import { guardRemoval } from "./removal/removal-guard.ts";
import { hideKeysInDebugLog } from "./secrets/debug-log.ts";
import { encryptChartSources, encryptValues, secretKeys } from "./secrets/secret-settings.ts";
import { installedCharts, toCharts } from "./settings/chart-settings.ts";
import type { GivenSettings } from "./settings/messages/given-settings.ts";
import { PROJECT } from "./settings/messages/project.ts";
import { readSettings } from "./settings/read-settings.ts";
import { formatStackIssue, settingsError, toSettingIssue } from "./settings/settings-error.ts";
import type { Settings } from "./settings/settings-schema.ts";
import { interruptedReleaseWarnings } from "./state/interrupted-releases.ts";

/** Name of the component, and prefix of its children's names. */
const NAME = "linkerd";

/** The result for charts that are not looked for in their sources. */
const SKIPPED_CHARTS: ChartReport = { ...NOTHING_FOUND, unread: [] };

/**
 * Reads and validates the stack's settings, and creates the mesh. Returns the stack's outputs.
 *
 * Throws a `ValidationError` with all issues of all kinds before it registers any resource.
 *
 * @param options.preflight whether to compare the settings with the chart repository and the cluster. Only
 *   `delivery/program`, which records what the program registers, does without. @default true
 */
export async function meshStack({ preflight = true }: { preflight?: boolean } = {}) {
  hideKeysInDebugLog();
  requireProjectName(pulumi.getProject());
  const config: Record<string, string> = pulumi.runtime.allConfig();
  const { settings: valid, issues, given } = readSettings(config, secretKeys(config));
  if (issues.length > 0) {
    const charts = await checkCharts(valid, preflight);
    throw settingsError([...issues, ...findComponentIssues(valid), ...charts.issues], given);
  }
  const settings = valid as Settings;
  const state = await readDeployedState();
  const openCluster = openClusterOnce(config);
  const trust = await addExternalIssuer(deployedTrust(state, NAME), settings, openCluster);
  const { deployed } = trust;
  const [charts, found] = await Promise.all([
    checkCharts(settings, preflight),
    preflight
      ? checkCluster(settings, config, { state, deployed, openCluster })
      : Promise.resolve<OwnershipReport>(NOTHING_FOUND),
  ]);
  const reports = [charts, trust, found];
  const rejected = withoutRepeatedFailures(reports.flatMap((report) => report.issues));
  if (rejected.length > 0)
    throw settingsError([...findComponentIssues(settings, deployed), ...rejected], given);
  for (const issue of uncheckedWarnings(reports.flatMap(({ unchecked }) => unchecked))) {
    await pulumi.log.warn(formatStackIssue(issue, given));
  }
  await reportVersions(settings, state, given);
  const { leftover } = found;
  const mesh = createMesh(
    settings,
    deployed,
    [
      ...(leftover ? [importRelease(`${leftover.namespace}/${leftover.name}`)] : []),
      ...(charts.unread.length > 0 ? [previewWithout(charts.unread)] : []),
    ],
    given,
  );
  guardRemoval(mesh, settings);
  return {
    linkerdVersion: mesh.linkerdVersion,
    trustAnchorPem: mesh.trustAnchorPem,
    trustAnchorSha256: mesh.trustAnchorSha256,
    trustBundlePem: mesh.trustBundlePem,
    trustBundleSha256: mesh.trustBundleSha256,
    ports: mesh.ports,
    defaultInboundPolicy: mesh.defaultInboundPolicy,
    injection: settings.injection,
    certificates: mesh.certificates,
    dashboards: mesh.dashboards,
    alerts: mesh.alerts,
    // Pulumi warns about an output that is `undefined`, and does not show one that is `null`.
    vizUrl: mesh.vizAccess?.url ?? null,
    vizUser: mesh.vizAccess?.user ?? null,
    vizPassword: mesh.vizAccess?.password ?? null,
    prometheusUrl: mesh.prometheusUrl ?? null,
    scrapeConfig: mesh.scrapeConfig ?? null,
  };
}

/** The CLI stores settings under the project's name, so under another name none of them would be read. */
function requireProjectName(project: string): void {
  if (project === PROJECT) return;
  const [organization, stack] = [pulumi.getOrganization(), pulumi.getStack()];
  throw new pulumi.RunError(
    joinIssue(
      "Pulumi.yaml: name",
      {
        path: ["name"],
        reason: `must be ${formatValue(PROJECT)}`,
        got: formatValue(project),
        because: `The program reads only settings that begin with ${PROJECT}:`,
      },
      [
        `pulumi stack rename ${organization}/${PROJECT}/${stack}, then set name: ${PROJECT} in Pulumi.yaml and replace ` +
          `${project}: with ${PROJECT}: in Pulumi.${stack}.yaml`,
      ],
    ),
  );
}

/** Issues that `ServiceMesh` would report, as far as the settings that they concern are valid by themselves. */
export function findComponentIssues(
  settings: Partial<Settings>,
  deployed?: DeployedTrust,
): ValidationIssue[] {
  const isNamed = hasAll(settings, "certificates", "namespace", "vizNamespace", "trustDomain", "viz");
  return [
    ...settingIssues({ ...settings, charts: toCharts(settings) }),
    ...(isNamed ? planCertificates(settings.certificates, { ...settings, name: NAME }, deployed).issues : []),
  ]
    .map(toSettingIssue)
    .filter(({ conflictsWith: [setting] = [] }) => setting === undefined || setting in settings);
}

/**
 * Checks versions and sources of charts, as far as these settings are valid by themselves.
 *
 * @param readSources whether to look for the charts in their sources
 */
async function checkCharts(settings: Partial<Settings>, readSources: boolean): Promise<ChartReport> {
  if (!hasAll(settings, "chartVersion", "chartSource", "charts")) return SKIPPED_CHARTS;
  const charts = toCharts(settings);
  const incompatible = compatibilityIssues(charts, settings.installGatewayApi ?? true);
  const found = readSources ? await checkChartSources(charts, installedCharts(settings)) : SKIPPED_CHARTS;
  return { ...found, issues: [...incompatible, ...found.issues] };
}

function hasAll<Name extends keyof Settings>(
  settings: Partial<Settings>,
  ...names: Name[]
): settings is Partial<Settings> & Pick<Settings, Name> {
  return names.every((name) => name in settings);
}

/** Prints what the versions in the settings mean for the mesh that is deployed. */
async function reportVersions(settings: Settings, state: DeployedState, given: GivenSettings): Promise<void> {
  const charts = toCharts(settings);
  const installed = installedCharts(settings);
  const upgrade = upgradeReport(deployedVersions(state), requestedVersions(charts, installed));
  if (upgrade.info !== undefined) await pulumi.log.info(upgrade.info);
  for (const warning of [
    ...[...compatibilityWarnings(charts, installed), ...notificationWarnings(settings)].map((issue) =>
      formatStackIssue(issue, given),
    ),
    ...interruptedReleaseWarnings(state),
    ...upgrade.warnings,
  ]) {
    await pulumi.log.warn(warning);
  }
}

/** Creates the mesh, which validates its arguments: once, as this is the only validation of valid settings. */
function createMesh(
  settings: Settings,
  deployed: DeployedTrust,
  transforms: readonly pulumi.ResourceTransform[],
  given: GivenSettings,
): ServiceMesh {
  const {
    preventDestroyInUse: _,
    adopt,
    chartVersion,
    chartSource,
    chartCredentials,
    charts,
    extraValues,
    ...args
  } = settings;
  const hasSecretSource = ["chartSource", "charts"].some((setting) => given.isSecret(setting));
  // Encrypted values are Outputs, which would be checked only after resources are registered.
  const hidden = given.isSecret("extraValues")
    ? settingIssues({ ...settings, charts: toCharts(settings) })
    : [];
  if (hidden.length > 0) throw settingsError(hidden.map(toSettingIssue), given);
  try {
    return new ServiceMesh(
      NAME,
      {
        ...args,
        charts: toCharts(settings),
        extraValues: given.isSecret("extraValues") ? encryptValues(extraValues) : extraValues,
        deployed,
        // An adopted object gets the annotation when `adopt` is removed, so after the adoption is complete.
        owner: adopt ? undefined : currentStack(),
      },
      {
        transforms: [
          ...(adopt ? [adoptHelmInstall] : []),
          ...(hasSecretSource ? [encryptChartSources] : []),
          ...transforms,
        ],
      },
    );
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw settingsError(error.issues.map(toSettingIssue), given);
  }
}
