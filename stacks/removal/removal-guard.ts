/** What stands between `pulumi destroy` and a mesh that is in use. */
import * as pulumi from "@pulumi/pulumi";
import { reasonOf } from "../settings/messages/error-cause.ts";
import { PROJECT, type Settings } from "../settings/settings.ts";
import { meshedPods, meshedPodsCommand } from "./meshed-pods.ts";

/** Shown by the engine where it is asked to destroy without running the program. */
const HOOK = "refuse-to-remove-a-protected-mesh";

/** Pods that a message names; it tells how many more there are. */
const NAMED = 10;

/** Nothing in the cluster. It depends on everything, so it is the first to be deleted, and alone. */
class RemovalGuard extends pulumi.ComponentResource {
  constructor(name: string, opts: pulumi.ComponentResourceOptions) {
    super("linkerd-mesh:index:RemovalGuard", name, {}, opts);
    this.registerOutputs();
  }
}

/**
 * Puts a guard before `mesh`, where the settings ask for one.
 *
 * With a hook in its state the engine destroys nothing unless it runs the program too (pulumi v3.256,
 * pkg/engine/destroy.go), and what a hook refuses is kept, with all that it depends on. Pulumi's `protect` alone,
 * which the trust anchor has, would be met last, with the rest of the mesh gone.
 */
export function guardRemoval(mesh: pulumi.Resource, settings: Settings): void {
  const config: Record<string, string> = pulumi.runtime.allConfig();
  // Registered in any case: the state may hold a guard from before the settings were turned off.
  const hook = new pulumi.ResourceHook(HOOK, () => refuse(settings, config), { onDryRun: true });
  if (!settings.preventDestroyInUse && !protectsAnchor(settings)) return;
  new RemovalGuard("linkerd-removal-guard", { dependsOn: mesh, hooks: { beforeDelete: [hook] } });
}

const protectsAnchor = ({ certificates }: Settings) =>
  certificates.mode === "generated" && certificates.protect === true;

async function refuse(settings: Settings, config: Record<string, string>): Promise<void> {
  const reasons = settings.preventDestroyInUse ? await inUse(settings, config) : [];
  if (protectsAnchor(settings)) {
    reasons.push(
      `${PROJECT}:certificates.protect: the trust anchor is protected. ` +
        "To let go of it: pulumi config set --path certificates.protect false",
    );
  }
  if (reasons.length > 0) throw new pulumi.RunError(reasons.join("\n"));
}

/** A sentence where pods are in the mesh, or where that cannot be known. */
async function inUse(settings: Settings, config: Record<string, string>): Promise<string[]> {
  const past = "To remove the mesh all the same: pulumi config set preventDestroyInUse false";
  let pods: string[];
  try {
    pods = await meshedPods(settings, config);
  } catch (error) {
    return [
      `${PROJECT}:preventDestroyInUse: the cluster does not tell which pods are meshed (${reasonOf(error)}). ${past}`,
    ];
  }
  if (pods.length === 0) return [];
  const more = pods.length > NAMED ? ` and ${pods.length - NAMED} more` : "";
  return [
    `${PROJECT}:preventDestroyInUse: the mesh is in use by ${pods.length} ${pods.length === 1 ? "pod" : "pods"}: ` +
      `${pods.slice(0, NAMED).join(", ")}${more}. Expected none. List them with: ${meshedPodsCommand(settings)}\n${past}`,
  ];
}
