/** The acceptance test cannot run: there is no mesh, no real node, or no access. The message says what to do. */
export class VerifyError extends Error {}
