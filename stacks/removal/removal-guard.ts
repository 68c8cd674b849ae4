/** Protects a mesh that is in use from `pulumi destroy`. */
import * as pulumi from "@pulumi/pulumi";
import { joinIssue, type ValidationIssue } from "../../components/inputs/validation.ts";
import { describeError } from "../settings/messages/describe-error.ts";
import { setCommand } from "../settings/messages/fix-command.ts";
import { formatSettingPath } from "../settings/messages/setting-path.ts";
import type { Settings } from "../settings/settings-schema.ts";
import { listMeshedPods, meshedPodsCommand } from "./meshed-pods.ts";

/** Name of the hook, which the engine prints when it cannot destroy without running the program. */
const HOOK = "refuse-to-remove-a-protected-mesh";

/** Number of pods that a message names. */
const MAX_NAMED_PODS = 10;

/** Has no object in the cluster. It depends on the mesh, so it is deleted first, and before anything else. */
class RemovalGuard extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:index:RemovalGuard", name, {}, opts);
    this.registerOutputs();
  }
}

/**
 * Guards `mesh` with a hook if the settings require it.
 *
 * While the state contains a hook, the engine destroys nothing without running the program (pulumi v3.256,
 * pkg/engine/destroy.go). A resource whose hook fails is kept, and so is everything that it depends on. Pulumi's
 * `protect` on the trust anchor alone would take effect last, after the rest of the mesh is deleted.
 */
export function guardRemoval(mesh: pulumi.Resource, settings: Settings): void {
  const config: Record<string, string> = pulumi.runtime.allConfig();
  // Registered in any case, because the state may contain a guard from before the settings were turned off.
  const hook = new pulumi.ResourceHook(HOOK, () => rejectRemoval(settings, config), { onDryRun: true });
  if (!settings.preventDestroyInUse && !isAnchorProtected(settings)) return;
  new RemovalGuard("linkerd-removal-guard", { dependsOn: mesh, hooks: { beforeDelete: [hook] } });
}

const isAnchorProtected = ({ certificates }: Settings) =>
  certificates.mode === "generated" && certificates.protect === true;

async function rejectRemoval(settings: Settings, config: Record<string, string>): Promise<void> {
  const issues = [
    ...(settings.preventDestroyInUse ? await findUse(settings, config) : []),
    ...(isAnchorProtected(settings)
      ? [formatRemovalIssue({ path: ["certificates", "protect"], reason: "the trust anchor is protected" })]
      : []),
  ];
  if (issues.length > 0) throw new pulumi.RunError(issues.join("\n"));
}

/** An issue if pods use the mesh, or if that cannot be determined. */
async function findUse(settings: Settings, config: Record<string, string>): Promise<string[]> {
  let pods: string[];
  try {
    pods = await listMeshedPods(settings, config);
  } catch (error) {
    const reason = `cannot list the meshed pods of the cluster (${describeError(error)})`;
    return [formatRemovalIssue({ path: ["preventDestroyInUse"], reason })];
  }
  return pods.length === 0 ? [] : [inUseIssue(pods, settings)];
}

/** The message for a mesh that pods use. */
export function inUseIssue(
  pods: readonly string[],
  namespaces: Pick<Settings, "namespace" | "vizNamespace">,
): string {
  const more = pods.length > MAX_NAMED_PODS ? ` and ${pods.length - MAX_NAMED_PODS} more` : "";
  const named = `${pods.slice(0, MAX_NAMED_PODS).join(", ")}${more}`;
  return formatRemovalIssue(
    {
      path: ["preventDestroyInUse"],
      reason: `the mesh is in use by ${pods.length} ${pods.length === 1 ? "pod" : "pods"}: ${named}`,
      because: `List them with: ${meshedPodsCommand(namespaces)}`,
    },
    "take them out of the mesh (docs/removal.md)",
  );
}

/** The last fix turns the guard off. */
function formatRemovalIssue(issue: ValidationIssue, ...fixes: string[]): string {
  return joinIssue(formatSettingPath(issue.path), issue, [...fixes, setCommand(issue.path, false)]);
}
