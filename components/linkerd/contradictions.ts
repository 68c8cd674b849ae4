/** Settings that are good each by itself and do not go together. */
import { extraValueMistakes } from "./extra-values.ts";
import { DEFAULT_NETWORK_VALIDATOR_ADDRESS, type MeshSettings } from "./mesh-settings.ts";
import type { SettingMistake } from "./mistakes.ts";
import { CNI_NAMESPACE } from "./namespaces.ts";
import { portMistakes } from "./ports.ts";
import { proxyMistakes } from "./proxy.ts";

/** Everything in a mesh's settings that cannot be meant. Empty where all is well; never throws. */
export function settingMistakes(
  settings: MeshSettings & {
    namespace?: string | undefined;
    vizNamespace?: string | undefined;
    viz?: boolean | undefined;
  },
): SettingMistake[] {
  const { highAvailability = false, replicas, cni = false, extraValues = {} } = settings;
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
  else if (extraValues.cni !== undefined) {
    const problem = "values for linkerd2-cni, which is not installed; expected cni true beside them";
    mistakes.push({ path: ["extraValues", "cni"], problem, against: "cni" });
  }
  if (settings.viz === false && extraValues.viz !== undefined) {
    const problem = "values for linkerd-viz, which is not installed; expected viz true beside them";
    mistakes.push({ path: ["extraValues", "viz"], problem, against: "viz" });
  }
  return [
    ...mistakes,
    ...proxyMistakes(settings.proxy, highAvailability),
    ...portMistakes(settings.ports),
    ...extraValueMistakes(extraValues),
  ];
}

function besideCni(settings: Parameters<typeof settingMistakes>[0]): SettingMistake[] {
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
