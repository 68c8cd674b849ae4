/** The acceptance test cannot run: there is no mesh, no real node, or no access. The message has the fix. */
export class VerifyError extends Error {}
