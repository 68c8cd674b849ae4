/** The program that `pulumi up` runs: a stack's settings become a service mesh. */
import { enableCompileCache } from "node:module";

// From the second time on, Node loads what it made of the modules below and need not read TypeScript again.
enableCompileCache();
const { meshStack } = await import("./stacks/mesh.ts");

export const {
  linkerdVersion,
  trustAnchorPem,
  trustAnchorSha256,
  trustBundlePem,
  trustBundleSha256,
  certificates,
} = await meshStack();
