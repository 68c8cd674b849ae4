/** Checks of settings that are Outputs. They run when the Outputs resolve, and apply the rules of `settingIssues`. */
import type * as pulumi from "@pulumi/pulumi";
import { containsOutput } from "../inputs/outputs.ts";
import type { IssueCollector } from "../inputs/validation.ts";
import { settingIssues } from "./mesh-validation.ts";
import type { MeshSettings } from "./values/mesh-settings.ts";

/** Settings with checked Outputs. */
export interface CheckedSettings<Settings extends MeshSettings> {
  /** The settings. Each Output that a rule applies to resolves only after it has passed the rule. */
  readonly settings: Settings;
  /** Resolves when all Outputs have passed. Empty if all settings were known, and are checked already. */
  readonly checked: readonly pulumi.Output<unknown>[];
}

/**
 * Replaces every Output that a rule applies to by one that resolves once it has passed. Plain values stay as they are.
 * Settings that one rule compares resolve together; all others stay independent, so that one unknown Output does not
 * make others unknown in a preview.
 */
export function checkOutputs<Settings extends MeshSettings>(
  settings: Settings,
  issues: IssueCollector,
): CheckedSettings<Settings> {
  const { highAvailability, cni } = settings;
  const checked: pulumi.Output<unknown>[] = [];
  const check = <Group extends object>(group: Group, inSettings: (group: Group) => MeshSettings): Group => {
    if (!containsOutput(group)) return group;
    const valid = issues.read<Group, Group>([], group, (resolved, reject) => {
      for (const issue of settingIssues({ highAvailability, cni, ...inSettings(resolved) })) reject(issue);
      return resolved;
    }) as pulumi.Output<Group>;
    checked.push(valid);
    const fields = Object.entries(group).map(([key, value]) => [
      key,
      containsOutput(value) ? valid.apply((resolved) => resolved[key as keyof typeof resolved]) : value,
    ]);
    return Object.fromEntries(fields);
  };

  const { replicas, networkValidatorAddress, proxy = {}, ports = {} } = settings;
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = proxy;
  const { skipOutbound, skipInbound, opaque } = ports;
  const result: Settings = {
    ...settings,
    ...check({ replicas }, (group) => group),
    ...check({ networkValidatorAddress }, (group) => group),
    proxy: {
      ...proxy,
      ...check({ cpuRequest, cpuLimit }, (group) => ({ proxy: group })),
      ...check({ memoryRequest, memoryLimit }, (group) => ({ proxy: group })),
    },
    ports: { ...ports, ...check({ skipOutbound, skipInbound, opaque }, (group) => ({ ports: group })) },
  };
  return { settings: result, checked };
}
