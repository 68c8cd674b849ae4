/** Rules for the settings of a mesh that compare several of them. */
import { knownValue } from "../inputs/outputs.ts";
import { formatValue, type ValidationIssue } from "../inputs/validation.ts";
import { chartPin, isOlder, type LinkerdCharts } from "./charts/charts.ts";
import { credentialIssues } from "./charts/credential-rules.ts";
import { CNI_NAMESPACE } from "./namespaces.ts";
import { chartRuleIssues } from "./values/chart-rules.ts";
import { extraValueIssues } from "./values/extra-values.ts";
import { DEFAULT_NETWORK_VALIDATOR_ADDRESS, type MeshSettings } from "./values/mesh-settings.ts";
import { withoutViz } from "./values/monitoring/checks.ts";
import { monitoringIssues } from "./values/monitoring/monitoring-issues.ts";
import { portIssues } from "./values/ports.ts";
import { proxyIssues } from "./values/proxy.ts";
import { tapIssues } from "./values/viz-access/tap-settings.ts";
import { vizAccessIssues } from "./values/viz-access/viz-access-rules.ts";

/** The arguments of a `ServiceMesh` that the rules apply to. */
interface CheckedArguments extends MeshSettings {
  readonly namespace?: unknown;
  readonly vizNamespace?: unknown;
  readonly viz?: boolean | undefined;
  readonly charts?: LinkerdCharts | undefined;
}

/** All issues with the settings of a mesh, except for values that are Outputs. Never throws. */
export function settingIssues(settings: CheckedArguments): ValidationIssue[] {
  return [
    ...availabilityIssues(settings),
    ...(settings.cni ? cniIssues(settings) : issuesWithoutCni(settings)),
    ...(settings.viz === false ? issuesWithoutViz(settings) : []),
    ...versionIssues(settings.charts),
    ...credentialIssues(settings.charts),
    ...proxyIssues(settings.proxy, settings.highAvailability),
    ...portIssues(settings.ports),
    ...vizAccessIssues(settings.vizAccess),
    ...tapIssues(settings.tap),
    ...extraValueIssues(settings.extraValues),
    ...chartRuleIssues(settings),
    ...monitoringIssues(settings),
  ];
}

function availabilityIssues({ highAvailability = false, replicas }: CheckedArguments): ValidationIssue[] {
  if (!highAvailability || knownValue(replicas) !== 1) return [];
  return [
    {
      path: ["replicas"],
      reason: "must be 2 or more with highAvailability",
      got: "1",
      because: "One replica is not highly available",
      conflictsWith: ["highAvailability"],
      fixes: [{ kind: "change" }, { kind: "set", path: ["highAvailability"], value: false }],
    },
  ];
}

/** CRDs must be upgraded first, because the control plane reads and writes the fields of its own release's CRDs. */
function versionIssues(charts: LinkerdCharts = {}): ValidationIssue[] {
  const crds = chartPin("linkerd-crds", charts).version;
  const controlPlane = chartPin("linkerd-control-plane", charts).version;
  if (!isOlder(crds, controlPlane)) return [];
  const ownVersion = charts.controlPlane?.version !== undefined;
  return [
    {
      path: ["charts", "crds", "version"],
      reason: "must not be older than the version of the control plane's chart",
      got: `${crds} with a control plane of ${controlPlane}`,
      because: "The control plane may need fields that older CRDs do not have",
      conflictsWith: ownVersion ? ["charts", "controlPlane", "version"] : ["charts", "version"],
    },
  ];
}

/** Issues with arguments that have no effect without the CNI plugin. */
function issuesWithoutCni(settings: CheckedArguments): ValidationIssue[] {
  const issues = notInstalledIssues("cni", "linkerd2-cni", settings);
  const address = knownValue(settings.networkValidatorAddress) ?? DEFAULT_NETWORK_VALIDATOR_ADDRESS;
  if (address === DEFAULT_NETWORK_VALIDATOR_ADDRESS) return issues;
  return [
    {
      path: ["networkValidatorAddress"],
      reason: "must not be set without cni",
      got: formatValue(address),
      because: "The network validator runs only with the CNI plugin",
      conflictsWith: ["cni"],
      fixes: [{ kind: "remove" }, { kind: "set", path: ["cni"], value: true }],
    },
    ...issues,
  ];
}

/** Issues with arguments that the CNI plugin does not allow. */
function cniIssues(settings: CheckedArguments): ValidationIssue[] {
  const issues: ValidationIssue[] = (["namespace", "vizNamespace"] as const)
    .filter((argument) => settings[argument] === CNI_NAMESPACE)
    .map((argument) => ({
      path: [argument],
      reason: "must not be the namespace of the CNI plugin",
      got: formatValue(CNI_NAMESPACE),
      because: "The plugin needs privileges, so it has a namespace to itself",
      conflictsWith: ["cni"],
    }));
  if (settings.extraValues?.controlPlane?.proxyInit !== undefined) {
    issues.push({
      path: ["extraValues", "controlPlane", "proxyInit"],
      reason: "must not be set with cni",
      because: "With the CNI plugin, pods have no init container",
      conflictsWith: ["cni"],
      fixes: [
        { kind: "instruction", text: "use extraValues.cni" },
        { kind: "set", path: ["cni"], value: false },
      ],
    });
  }
  return issues;
}

/** Issues with arguments that have no effect without viz. */
function issuesWithoutViz(settings: CheckedArguments): ValidationIssue[] {
  const isSet = (value: object = {}) => Object.values(value).some((field) => field !== undefined);
  return [
    ...(["vizAccess", "tap"] as const)
      .filter((argument) => isSet(settings[argument]))
      .map((argument) => withoutViz([argument])),
    ...notInstalledIssues("viz", "linkerd-viz", settings),
  ];
}

/** Issues with arguments for a chart that is not installed. */
function notInstalledIssues(
  flag: "cni" | "viz",
  chart: string,
  settings: CheckedArguments,
): ValidationIssue[] {
  return (["extraValues", "charts"] as const)
    .filter((argument) => settings[argument]?.[flag] !== undefined)
    .map((argument) => ({
      path: [argument, flag],
      reason: `must not be set without ${flag}`,
      because: `The chart ${chart} is not installed`,
      conflictsWith: [flag],
      fixes: [{ kind: "remove" }, { kind: "set", path: [flag], value: true }],
    }));
}
