/**
 * The annotation with which the provider's server-side apply takes over fields that another field manager owns.
 *
 * The provider applies each object under a random field manager name. If an `up` is killed after it creates an object
 * and before it records the object, the next `up` has another name, and a change years later fails with a conflict.
 *
 * It is only for objects that belong to this program entirely. Secrets have it only while a Helm installation is
 * adopted, because a Secret that already exists may be the issuer of another installation.
 */
export const TAKE_FIELDS_OVER = { "pulumi.com/patchForce": "true" };
