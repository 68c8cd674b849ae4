/** Which of a component's options are its own, and which are for the resource that it stands in for. */
import * as pulumi from "@pulumi/pulumi";
import { isDeferred, peekPath } from "../inputs/outputs.ts";

/** Options of a component, and those of the resource that it stands in for. */
export type WrappedResourceOptions = pulumi.ComponentResourceOptions & pulumi.CustomResourceOptions;

/** {@link splitOptions} */
interface SplitOptions {
  component: pulumi.ComponentResourceOptions;
  /** For every child. */
  child: pulumi.CustomResourceOptions;
  /** For the child that the component stands in for. */
  resource: pulumi.CustomResourceOptions;
}

/** On a component, the engine ignores all of these, but for hooks: an update never runs them. */
const OF_A_RESOURCE = [
  "additionalSecretOutputs",
  "customTimeouts",
  "deleteBeforeReplace",
  "hideDiffs",
  "hooks",
  "ignoreChanges",
  "import",
  "pluginDownloadURL",
  "replaceOnChanges",
  "replaceWith",
  "replacementTrigger",
  "version",
] as const satisfies (keyof WrappedResourceOptions)[];

/**
 * Options that only mean something for a resource with a provider go to the resource, which is of the Kubernetes
 * `kind`, and so do aliases that name one: a URN of its type, or `{ type }` for the plain resource that stood in this
 * place. On the component, such an alias would have the engine replace the plain resource by the component: delete it.
 * Whose an alias is has to be known for that; one that is not yet is refused.
 */
export function splitOptions(kind: string, name: string, opts: WrappedResourceOptions = {}): SplitOptions {
  // Any version of its API: Kubernetes' own resources take each other's for aliases.
  const type = new RegExp(`^kubernetes:[^:]+:${kind}$`);
  const isResources = (alias: pulumi.Input<pulumi.URN | pulumi.Alias>) => {
    const given =
      typeof alias === "string" ? alias.split("::")[2]?.split("$").at(-1) : peekPath(alias, "type");
    if (isDeferred(given)) throw new pulumi.RunError(laterAlias(kind, name));
    return type.test(String(given));
  };
  const { aliases = [], dependsOn } = opts;
  const formerly = aliases
    .filter(isResources)
    .map((alias) =>
      typeof alias === "string" ? alias : fromPlace(alias as pulumi.Alias, name, opts.parent),
    );
  const component: WrappedResourceOptions = {
    ...opts,
    aliases: aliases.filter((alias) => !isResources(alias)),
  };
  const child = dependsOn === undefined ? {} : { dependsOn };
  const resource: pulumi.CustomResourceOptions = { ...child, aliases: formerly };
  for (const option of OF_A_RESOURCE) {
    if (opts[option] !== undefined) Object.assign(resource, { [option]: opts[option] });
    delete component[option];
  }
  return { component, child, resource };
}

function laterAlias(kind: string, name: string): string {
  return (
    `The options of Meshed${kind} "${name}" have a mistake:\n- aliases: one is an Output, and whether it is the ` +
    `${kind}'s or the component's has to be known now. Expected a URN as text, or { type, name, parent }.`
  );
}

/** An alias says where the resource was; not said, it was where the component is now. */
function fromPlace(alias: pulumi.Alias, name: string, parent: pulumi.Resource | undefined): pulumi.Alias {
  if ("parent" in alias || "parentURN" in alias || "noParent" in alias) return { name, ...alias };
  return { name, ...(parent ? { parent } : { parent: pulumi.rootStackResource }), ...alias };
}
