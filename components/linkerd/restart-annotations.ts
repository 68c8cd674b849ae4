/** Annotations of pod templates that Linkerd does not read. They change when the mesh changes, so that pods restart. */

/** The Linkerd version, e.g. `edge-26.8.3`. */
export const LINKERD_VERSION = "linkerd-mesh/linkerd-version";

/** SHA-256 of the trust bundle. A proxy keeps the trust anchors that it started with. */
export const TRUST_BUNDLE = "linkerd-mesh/trust-bundle-sha256";
