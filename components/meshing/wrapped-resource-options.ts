/** Splits resource options between a component and the resource that it wraps. */
import * as pulumi from "@pulumi/pulumi";
import { isDeferred, peekPath } from "../inputs/outputs.ts";
import { ValidationError } from "../inputs/validation.ts";

/** Options of a component and of the resource that it wraps, e.g. the Deployment of a MeshedDeployment. */
export type WrappedResourceOptions = pulumi.ComponentResourceOptions & pulumi.CustomResourceOptions;

/** {@link splitOptions} */
interface SplitOptions {
  component: pulumi.ComponentResourceOptions;
  /** For every child. */
  child: pulumi.CustomResourceOptions;
  /** For the wrapped resource. */
  resource: pulumi.CustomResourceOptions;
}

/** On a component, the engine ignores all of these except hooks, and it never runs update hooks. */
const RESOURCE_ONLY = [
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

type Alias = pulumi.URN | pulumi.Alias;

/**
 * Splits `opts`. The wrapped resource, of the Kubernetes `kind`, gets the options that only have a meaning for a
 * resource with a provider. It also gets the aliases that name one: a URN of its type, or `{ type }` for the plain
 * resource that was in the place of the component. With such an alias on the component, the engine would replace the
 * plain resource by the component, and so delete it.
 *
 * Throws a `ValidationError` for an alias that is an Output, because its target must be known now.
 */
export function splitOptions(kind: string, name: string, opts: WrappedResourceOptions = {}): SplitOptions {
  const { aliases = [], dependsOn, parent } = opts;
  assertKnown(kind, name, aliases);
  // Any API version: Kubernetes resources have aliases for the other versions of their API.
  const resourceType = new RegExp(`^kubernetes:[^:]+:${kind}$`);
  const isOfResource = (alias: Alias) => resourceType.test(String(aliasType(alias)));
  const known = aliases as Alias[];
  const component: WrappedResourceOptions = {
    ...opts,
    aliases: known.filter((alias) => !isOfResource(alias)),
  };
  const child = dependsOn === undefined ? {} : { dependsOn };
  const resource: pulumi.CustomResourceOptions = {
    ...child,
    aliases: known
      .filter(isOfResource)
      .map((alias) => (typeof alias === "string" ? alias : withFormerPlace(alias, name, parent))),
  };
  for (const option of RESOURCE_ONLY) {
    if (opts[option] !== undefined) Object.assign(resource, { [option]: opts[option] });
    delete component[option];
  }
  return { component, child, resource };
}

/** The type that an alias names: of a URN the last one, without those of the parents. */
function aliasType(alias: pulumi.Input<Alias>): unknown {
  return typeof alias === "string" ? alias.split("::")[2]?.split("$").at(-1) : peekPath(alias, "type");
}

function assertKnown(kind: string, name: string, aliases: readonly pulumi.Input<Alias>[]): void {
  const issues = [...aliases.entries()]
    .filter(([, alias]) => isDeferred(aliasType(alias)))
    .map(([index]) => ({
      path: ["aliases", index],
      reason: "must be a URN, or { type, name, parent }, with plain values",
      got: "an Output",
      because: `Whether it is an alias of the ${kind} or of the component must be known before either is registered`,
    }));
  if (issues.length === 0) return;
  throw new ValidationError(`Meshed${kind} "${name}"`, issues, { noun: "resource option" });
}

/** An alias names the former place of the resource. Without a parent, that is the present place of the component. */
function withFormerPlace(
  alias: pulumi.Alias,
  name: string,
  parent: pulumi.Resource | undefined,
): pulumi.Alias {
  if ("parent" in alias || "parentURN" in alias || "noParent" in alias) return { name, ...alias };
  return { name, parent: parent ?? pulumi.rootStackResource, ...alias };
}
