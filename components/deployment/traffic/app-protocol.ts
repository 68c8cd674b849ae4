/** The application protocol of a Service port: what its name declares, and what Linkerd does with it. */

/**
 * Application protocols for which Linkerd's proxies read HTTP. The proxies of callers treat a port with any other
 * `appProtocol`, e.g. `https`, as opaque (linkerd2, policy-controller: core/src/outbound.rs, grpc/src/outbound.rs).
 */
const HTTP_PROTOCOLS: readonly string[] = ["http", "kubernetes.io/h2c"];

/** Parts of a name that declare TLS, which no proxy can read, whatever the protocol inside. */
const TLS_PARTS = ["tls", "mtls", "ssl", "https", "grpcs", "h2"];
const HTTP1_PARTS = ["http", "http1", "gateway"];
const HTTP2_PARTS = ["grpc", "h2c", "http2"];

/**
 * The protocol that the name of a port declares. `http` and `http-…` declare HTTP/1, as does `grpc-web`. `h2c…`, `http2…`
 * and `grpc…` declare HTTP/2. Names that declare TLS or both versions, e.g. `http-ssl` and `grpc-gateway`, declare neither,
 * so Linkerd detects the protocol.
 */
export function declaredProtocol(name = ""): "http" | "kubernetes.io/h2c" | undefined {
  const [first = "", ...rest] = name.split("-");
  const includes = (parts: readonly string[]) => rest.some((part) => parts.includes(part));
  if (includes(TLS_PARTS)) return undefined;
  if (first === "grpc" && rest[0] === "web") return "http";
  if (first === "http") return includes(HTTP2_PARTS) ? undefined : "http";
  return HTTP2_PARTS.includes(first) && !includes(HTTP1_PARTS) ? "kubernetes.io/h2c" : undefined;
}

/** Whether the name of a port declares gRPC: `grpc` or `grpc-…`, except gRPC-Web and gRPC over TLS. */
export function isGrpc(name = ""): boolean {
  return /^grpc(-|$)/.test(name) && declaredProtocol(name) === "kubernetes.io/h2c";
}

/** Whether proxies read HTTP on a port that is not opaque. Without `appProtocol`, they detect it. */
export function isHttp(appProtocol: string | undefined): boolean {
  return appProtocol === undefined || HTTP_PROTOCOLS.includes(appProtocol.toLowerCase());
}

/** Whether the `appProtocol` declares an opaque port, by one of Linkerd's own names. */
export function isOpaqueProtocol(appProtocol: string): boolean {
  return ["linkerd.io/opaque", "linkerd.io/tcp"].includes(appProtocol.toLowerCase());
}
