/**
 * The annotation with which the provider deletes an object at once.
 *
 * By default, the provider deletes in the foreground: the garbage collector removes a finalizer, and so updates the object.
 * Linkerd's validator is called for updates of policies. With high availability, an update fails while the validator does
 * not run, and the deletion never ends. Policies own no objects that the garbage collector would have to delete first.
 */
export const DELETE_AT_ONCE = { "pulumi.com/deletionPropagationPolicy": "background" };
