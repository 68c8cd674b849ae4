/** Settings that are good each by itself and do not go together. */
import { chartPin, isOlder, type LinkerdCharts } from "./charts/charts.ts";
import type { SettingMistake } from "./mistakes.ts";
import { CNI_NAMESPACE } from "./namespaces.ts";
import { extraValueIssues } from "./values/extra-values.ts";
import { DEFAULT_NETWORK_VALIDATOR_ADDRESS, type MeshSettings } from "./values/mesh-settings.ts";
import { portIssues } from "./values/ports.ts";
import { proxyIssues } from "./values/proxy.ts";

/** Everything in a mesh's settings that cannot be meant. Empty where all is well; never throws. */
export function settingIssues(
  settings: MeshSettings & {
    namespace?: string | undefined;
    vizNamespace?: string | undefined;
    viz?: boolean | undefined;
    charts?: LinkerdCharts | undefined;
  },
): SettingMistake[] {
  const { highAvailability = false, replicas, cni = false, extraValues = {}, charts = {} } = settings;
  const mistakes: SettingMistake[] = [];
  if (highAvailability && replicas === 1) {
    mistakes.push({
      path: ["replicas"],
      problem: "one replica is not highly available; expected 2 or more, or highAvailability false",
      against: "highAvailability",
    });
  }
  const address = settings.networkValidatorAddress ?? DEFAULT_NETWORK_VALIDATOR_ADDRESS;
  if (!cni && address !== DEFAULT_NETWORK_VALIDATOR_ADDRESS) {
    mistakes.push({
      path: ["networkValidatorAddress"],
      problem: "the network validator runs with the CNI plugin only; expected cni true beside it",
      against: "cni",
    });
  }
  if (cni) mistakes.push(...besideCni(settings));
  else mistakes.push(...notInstalled("cni", "linkerd2-cni", settings));
  if (settings.viz === false) mistakes.push(...notInstalled("viz", "linkerd-viz", settings));
  return [
    ...mistakes,
    ...versionIssues(charts),
    ...proxyIssues(settings.proxy, highAvailability),
    ...portIssues(settings.ports),
    ...extraValueIssues(extraValues),
  ];
}

/** What is said of a chart that another setting leaves out. */
function notInstalled(
  chart: "cni" | "viz",
  name: string,
  settings: Parameters<typeof settingIssues>[0],
): SettingMistake[] {
  return (["extraValues", "charts"] as const)
    .filter((setting) => settings[setting]?.[chart] !== undefined)
    .map((setting) => ({
      path: [setting, chart],
      problem: `this is for ${name}, which is not installed; expected ${chart} true beside it`,
      against: chart,
    }));
}

/** The control plane reads and writes what its own release's definitions have, so those come first, at every upgrade. */
function versionIssues(charts: LinkerdCharts): SettingMistake[] {
  const crds = chartPin("linkerd-crds", charts).version;
  const controlPlane = chartPin("linkerd-control-plane", charts).version;
  if (!isOlder(crds, controlPlane)) return [];
  return [
    {
      path: ["charts", "crds", "version"],
      problem: `the custom resource definitions are ${crds}, and the control plane is ${controlPlane}, which may need newer ones; expected ${controlPlane} or newer`,
      against: "chartVersion",
    },
  ];
}

function besideCni(settings: Parameters<typeof settingIssues>[0]): SettingMistake[] {
  const namespaces = (["namespace", "vizNamespace"] as const).filter((n) => settings[n] === CNI_NAMESPACE);
  const mistakes: SettingMistake[] = namespaces.map((setting) => ({
    path: [setting],
    problem: `the CNI plugin has ${CNI_NAMESPACE} to itself, as it needs privileges; expected another namespace`,
    against: "cni",
  }));
  if (settings.extraValues?.controlPlane?.proxyInit !== undefined) {
    mistakes.push({
      path: ["extraValues", "controlPlane", "proxyInit"],
      problem:
        "with the CNI plugin there is no init container to set; expected cni false, or extraValues.cni",
      against: "cni",
    });
  }
  return mistakes;
}
