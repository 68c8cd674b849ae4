/** Which of a MeshedDeployment's options are its own, and which are for the Deployment in it. */
import * as pulumi from "@pulumi/pulumi";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";

/** Options of a component, and those of the Deployment that it stands in for. */
export type MeshedDeploymentOptions = pulumi.ComponentResourceOptions & pulumi.CustomResourceOptions;

/** {@link splitOptions} */
interface SplitOptions {
  component: pulumi.ComponentResourceOptions;
  /** For every child. */
  child: pulumi.CustomResourceOptions;
  /** For the Deployment. */
  deployment: pulumi.CustomResourceOptions;
}

/**
 * Options that only mean something for a resource with a provider (`ignoreChanges`, `import`,
 * `customTimeouts` …) go to the Deployment, and so do aliases that name one: a URN of its type, or
 * `{ type: "kubernetes:apps/v1:Deployment" }` for the plain Deployment that stood in this place.
 */
export function splitOptions(name: string, opts: MeshedDeploymentOptions = {}): SplitOptions {
  const {
    aliases = [],
    ignoreChanges,
    replaceOnChanges,
    deleteBeforeReplace,
    customTimeouts,
    ...common
  } = opts;
  const { import: importId, additionalSecretOutputs, version, ...component } = common;
  const isDeployments = (alias: pulumi.Input<pulumi.URN | pulumi.Alias>) =>
    typeof alias === "string"
      ? alias.includes(`${DEPLOYMENT}::`)
      : (alias as pulumi.Alias).type === DEPLOYMENT;
  const formerly = aliases
    .filter(isDeployments)
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
    component: { ...component, aliases: aliases.filter((alias) => !isDeployments(alias)) },
    child: dependsOn,
    deployment: {
      ...dependsOn,
      ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as object),
      aliases: formerly,
    },
  };
}

/** An alias says where the Deployment was; not said, it was where the component is now. */
function fromPlace(alias: pulumi.Alias, name: string, parent: pulumi.Resource | undefined): pulumi.Alias {
  if ("parent" in alias || "parentURN" in alias || "noParent" in alias) return { name, ...alias };
  return { name, ...(parent ? { parent } : { parent: pulumi.rootStackResource }), ...alias };
}
