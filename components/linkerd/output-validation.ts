/** Checks of settings that are Outputs. They run when the Outputs resolve, and apply the rules of `settingIssues`. */
import * as pulumi from "@pulumi/pulumi";
import { isTable } from "../inputs/merge.ts";
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
export function checkOutputs<Settings extends MeshSettings & { readonly viz?: boolean | undefined }>(
  settings: Settings,
  issues: IssueCollector,
): CheckedSettings<Settings> {
  const { highAvailability, cni, viz } = settings;
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

  const { replicas, networkValidatorAddress, proxy = {}, ports = {}, monitoring, extraValues } = settings;
  const { vizAccess, tap } = settings;
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
    ...(vizAccess && {
      vizAccess: {
        ...vizAccess,
        ...check({ host: vizAccess.host }, (group) => ({ vizAccess: { ...vizAccess, ...group } })),
      },
    }),
    ...(tap && {
      tap: { ...tap, ...check({ ignoreHeaders: tap.ignoreHeaders }, (group) => ({ tap: group })) },
    }),
  };
  const gate = (given: Pick<MeshSettings, "monitoring" | "extraValues">) => {
    const valid = issues.read([], given, (resolved: typeof given, reject) => {
      // A value may be secret, so none is shown.
      for (const { got: _, ...issue } of settingIssues({ highAvailability, cni, viz, ...resolved })) {
        reject(issue);
      }
      return true;
    }) as pulumi.Output<true>;
    checked.push(valid);
    return gateOutputs(given, pulumi.unsecret(valid)) as typeof given;
  };
  if (containsOutput(monitoring)) Object.assign(result, gate({ monitoring }));
  if (containsOutput(extraValues)) Object.assign(result, gate({ extraValues }));
  return { settings: result, checked };
}

/** The same values, where each Output resolves after `gate` and keeps what it is: secret or not. */
function gateOutputs(value: unknown, gate: pulumi.Output<unknown>): unknown {
  if (isTable(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, gateOutputs(child, gate)]));
  }
  if (Array.isArray(value)) return value.map((item) => gateOutputs(item, gate));
  return containsOutput(value) ? pulumi.all([value, gate]).apply(([resolved]) => resolved) : value;
}
