/** Annotations of pod templates that Linkerd does not read: they make a template differ when its mesh does. */

/** Linkerd's version, e.g. `edge-26.8.3`. */
export const LINKERD_VERSION = "linkerd-mesh/linkerd-version";

/** SHA-256 of the trust bundle: a proxy keeps the anchors that it started with. */
export const TRUST_BUNDLE = "linkerd-mesh/trust-bundle-sha256";
