/** The annotation that names the owner of an object that this program creates outside of Helm. */
import type * as pulumi from "@pulumi/pulumi";

/**
 * The annotation. Helm's records name the owner of what charts create; namespaces, the label policy and cert-manager's
 * objects have this annotation instead. An object without it may belong to anyone.
 */
export const OWNER_ANNOTATION = "linkerd-mesh/stack";

/** The annotation as an object's `metadata.annotations`; empty if no owner is given. */
export function ownerAnnotation(
  owner: pulumi.Input<string> | undefined,
): Record<string, pulumi.Input<string>> {
  return owner === undefined ? {} : { [OWNER_ANNOTATION]: owner };
}
