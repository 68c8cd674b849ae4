/** The program that `pulumi up` runs: a stack's settings become a service mesh. */
import { meshStack } from "./stacks/mesh.ts";

export const {
  linkerdVersion,
  trustAnchorPem,
  trustAnchorSha256,
  trustBundlePem,
  trustBundleSha256,
  certificates,
} = await meshStack();
