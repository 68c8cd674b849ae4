/** The program that `pulumi up` runs: it creates a service mesh from a stack's settings. */
import { enableCompileCache } from "node:module";

// From the second run on, Node loads the modules below from its cache instead of parsing TypeScript.
enableCompileCache();
// Pulumi's host maps every stack trace that its SDK records, which would take most of the program's time
// (@pulumi/pulumi, cmd/run/index.js: `source-map-support/register`). Node strips types in place, so positions are
// correct without a source map.
Reflect.deleteProperty(Error, "prepareStackTrace");
const { meshStack } = await import("./stacks/mesh.ts");

export const {
  linkerdVersion,
  trustAnchorPem,
  trustAnchorSha256,
  trustBundlePem,
  trustBundleSha256,
  ports,
  defaultInboundPolicy,
  injection,
  certificates,
  vizUrl,
  vizUser,
  vizPassword,
  dashboards,
  alerts,
  prometheusUrl,
  scrapeConfig,
} = await meshStack();
