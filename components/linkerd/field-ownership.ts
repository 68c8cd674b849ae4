/**
 * The annotation that makes the provider's apply win over whoever else wrote the same fields of an object.
 *
 * The provider applies each object under a name of its own, drawn when it is made. An `up` that was killed between making
 * an object and writing it down leaves a name that nobody knows, and the first change years later is refused for it.
 * For objects that are this program's through and through, and not for Secrets but where a mesh is
 * adopted: a foreign one may be another installation's issuer.
 */
export const TAKE_FIELDS_OVER = { "pulumi.com/patchForce": "true" };
