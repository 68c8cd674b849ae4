/** The program that `pulumi up` runs: a stack's settings become a service mesh. */
import { enableCompileCache } from "node:module";

// From the second time on, Node loads what it made of the modules below and need not read TypeScript again.
enableCompileCache();
// Node takes types out in place, so positions are right as they are. Pulumi's host maps them all the same, in every
// stack trace that its SDK keeps of a promise: most of what it took to build the mesh.
Reflect.deleteProperty(Error, "prepareStackTrace");
const { meshStack } = await import("./stacks/mesh.ts");

export const {
  linkerdVersion,
  trustAnchorPem,
  trustAnchorSha256,
  trustBundlePem,
  trustBundleSha256,
  ports,
  certificates,
} = await meshStack();
