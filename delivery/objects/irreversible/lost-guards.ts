/** Guards against deletion that the program turns off. */
import type { Irreversible } from "../object-changes.ts";
import { formatResource, type ProgramResource, type ResourceChanges } from "../program-resource.ts";

/** The component whose hook rejects `pulumi destroy` (stacks/removal/removal-guard.ts). */
const REMOVAL_GUARD = "linkerd-mesh:index:RemovalGuard";

/** Options that guard a resource, and the loss without them. */
const GUARDS = [
  {
    option: "protect",
    what: "is no longer protected",
    why: "From then on, Pulumi may delete or replace it. Keep `protect` until the resource is no longer used.",
  },
  {
    option: "retainOnDelete",
    what: "is no longer retained",
    why: "From then on, its objects are deleted in the cluster when it leaves the program or the stack is destroyed.",
  },
] as const;

/**
 * Finds the options `protect` and `retainOnDelete` that are turned off, and the guard of the mesh that is removed. The
 * children of a component inherit its options, and are not listed with it.
 */
export function findLostGuards({ before, after }: ResourceChanges): Irreversible[] {
  const resources = new Map(after.map((resource) => [identify(resource), resource]));
  const options = GUARDS.flatMap(({ option, what, why }) => {
    const lost = before.filter((old) => {
      const resource = resources.get(identify(old));
      return old.options[option] === true && resource !== undefined && resource.options[option] !== true;
    });
    const names = new Set(lost.map(({ name }) => name));
    return lost
      .filter(({ parent }) => !names.has(parent))
      .map((resource) => ({ object: formatResource(resource), what, why }));
  });
  const guards = before.filter((old) => old.type === REMOVAL_GUARD && !resources.has(identify(old)));
  return [...options, ...guards.map(describeRemovalGuard)];
}

function describeRemovalGuard(guard: ProgramResource): Irreversible {
  return {
    object: formatResource(guard),
    what: "is removed",
    why: "From then on, `pulumi destroy` deletes the mesh while pods use it. Keep `preventDestroyInUse: true`.",
  };
}

const identify = ({ type, name, parent }: ProgramResource) => [type, parent, name].join("\0");
