/** Which of a component's options are its own, and which are for the resource that it stands in for. */
import * as pulumi from "@pulumi/pulumi";

/** Options of a component, and those of the resource that it stands in for. */
export type StandInOptions = pulumi.ComponentResourceOptions & pulumi.CustomResourceOptions;

/** {@link splitOptions} */
interface SplitOptions {
  component: pulumi.ComponentResourceOptions;
  /** For every child. */
  child: pulumi.CustomResourceOptions;
  /** For the child that the component stands in for. */
  resource: pulumi.CustomResourceOptions;
}

/**
 * Options that only mean something for a resource with a provider (`ignoreChanges`, `import`,
 * `customTimeouts` …) go to the resource of that `type`, and so do aliases that name one: a URN of its type,
 * or `{ type }` for the plain resource that stood in this place. On the component, such an alias would have
 * the engine replace the plain resource by the component: delete it.
 */
export function splitOptions(type: string, name: string, opts: StandInOptions = {}): SplitOptions {
  const {
    aliases = [],
    ignoreChanges,
    replaceOnChanges,
    deleteBeforeReplace,
    customTimeouts,
    ...common
  } = opts;
  const { import: importId, additionalSecretOutputs, version, ...component } = common;
  const isResources = (alias: pulumi.Input<pulumi.URN | pulumi.Alias>) =>
    typeof alias === "string" ? alias.includes(`${type}::`) : (alias as pulumi.Alias).type === type;
  const formerly = aliases
    .filter(isResources)
    .map((alias) =>
      typeof alias === "string" ? alias : fromPlace(alias as pulumi.Alias, name, opts.parent),
    );
  const given = {
    ignoreChanges,
    replaceOnChanges,
    deleteBeforeReplace,
    customTimeouts,
    import: importId,
    additionalSecretOutputs,
    version,
  };
  const dependsOn = opts.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn };
  return {
    component: { ...component, aliases: aliases.filter((alias) => !isResources(alias)) },
    child: dependsOn,
    resource: {
      ...dependsOn,
      ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as object),
      aliases: formerly,
    },
  };
}

/** An alias says where the resource was; not said, it was where the component is now. */
function fromPlace(alias: pulumi.Alias, name: string, parent: pulumi.Resource | undefined): pulumi.Alias {
  if ("parent" in alias || "parentURN" in alias || "noParent" in alias) return { name, ...alias };
  return { name, ...(parent ? { parent } : { parent: pulumi.rootStackResource }), ...alias };
}
