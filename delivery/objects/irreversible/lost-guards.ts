/** Guards against deletion that the program turns off. */
import type { Irreversible } from "../object-changes.ts";
import type { ProgramResource, ResourceChanges } from "../program-resource.ts";

/** The component whose hook rejects `pulumi destroy` (stacks/removal/removal-guard.ts). */
const REMOVAL_GUARD = "linkerd-mesh:index:RemovalGuard";

/** Finds the options `protect` and `retainOnDelete` that are turned off, and the guard of the mesh that is removed. */
export function findLostGuards({ before, after }: ResourceChanges): Irreversible[] {
  const resources = new Map(after.map((resource) => [identify(resource), resource]));
  return before.flatMap((old) => {
    const resource = resources.get(identify(old));
    if (resource === undefined) return old.type === REMOVAL_GUARD ? [describeRemovalGuard(old)] : [];
    return [...findProtect(old, resource), ...findRetain(old, resource)];
  });
}

function describeRemovalGuard({ name }: ProgramResource): Irreversible {
  return {
    object: `${REMOVAL_GUARD} ${name}`,
    what: "is removed",
    why: "From then on, `pulumi destroy` deletes the mesh while pods use it. Keep `preventDestroyInUse: true`.",
  };
}

function findProtect(old: ProgramResource, resource: ProgramResource): Irreversible[] {
  if (old.options.protect !== true || resource.options.protect === true) return [];
  return [
    {
      object: format(resource),
      what: "is no longer protected",
      why: "From then on, Pulumi may delete or replace it. Keep `protect` until the resource is no longer used.",
    },
  ];
}

function findRetain(old: ProgramResource, resource: ProgramResource): Irreversible[] {
  if (old.options.retainOnDelete !== true || resource.options.retainOnDelete === true) return [];
  return [
    {
      object: format(resource),
      what: "is no longer retained",
      why: "From then on, its objects are deleted in the cluster when it leaves the program or the stack is destroyed.",
    },
  ];
}

const identify = ({ type, name, parent }: ProgramResource) => [type, parent, name].join("\0");

const format = ({ type, name }: ProgramResource) => `${type} ${name}`;
