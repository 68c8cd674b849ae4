/** What stands between `pulumi destroy` and a mesh that is in use. */
import * as pulumi from "@pulumi/pulumi";
import { meshedPods, meshedPodsCommand } from "./meshed-pods.ts";
import { PROJECT, type Settings } from "./settings.ts";

/** Shown by the engine where it is asked to destroy without running the program. */
const HOOK = "refuse-while-pods-are-meshed";

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
 * pkg/engine/destroy.go), and what a hook refuses is kept, with all that it depends on. Pulumi's `protect` would
 * refuse as well, but whether the mesh is in use or not.
 */
export function guardRemoval(mesh: pulumi.Resource, settings: Settings): void {
  // Registered in any case: the state may hold a guard from before `protect` was turned off.
  const config: Record<string, string> = pulumi.runtime.allConfig();
  const hook = new pulumi.ResourceHook(HOOK, () => refuseWhileInUse(settings, config), { onDryRun: true });
  if (!settings.protect) return;
  new RemovalGuard("linkerd-removal-guard", { dependsOn: mesh, hooks: { beforeDelete: [hook] } });
}

async function refuseWhileInUse(settings: Settings, config: Record<string, string>): Promise<void> {
  if (!settings.protect) return;
  const past = "To remove the mesh all the same: pulumi config set protect false";
  let pods: string[];
  try {
    pods = await meshedPods(settings, config);
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw new pulumi.RunError(
      `${PROJECT}:protect: the cluster does not tell which pods are meshed (${why}). ${past}`,
    );
  }
  if (pods.length === 0) return;
  const more = pods.length > NAMED ? ` and ${pods.length - NAMED} more` : "";
  throw new pulumi.RunError(
    `${PROJECT}:protect: the mesh is in use by ${pods.length} ${pods.length === 1 ? "pod" : "pods"}: ` +
      `${pods.slice(0, NAMED).join(", ")}${more}. Expected none. List them with: ${meshedPodsCommand(settings)}\n${past}`,
  );
}
