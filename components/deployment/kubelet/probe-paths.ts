/** Paths of HTTP probes: what the kubelet requests, and what Linkerd exempts from authorization. */
import { formatValue, type Reader, type ValidationIssue } from "../../inputs/validation.ts";

/** The path of a probe of the options. It must be one that Linkerd exempts, whether or not a policy applies today. */
export const readProbePath: Reader<unknown, string> = (path, reject) => {
  if (typeof path !== "string" || path === "") {
    return reject({ reason: 'must be a path, e.g. "/ready"', got: formatValue(path) });
  }
  const requested = requestedPath(path);
  return exemptPath(path) === requested ? path : reject(pathIssue(path, requested));
};

/** The issue with a path of which the kubelet requests another form, which Linkerd does not exempt. */
export function pathIssue(written: string, requested: string): Omit<ValidationIssue, "path"> {
  const isRelative = !written.startsWith("/");
  return {
    reason: isRelative ? 'must begin with "/"' : "must be a path that the kubelet requests as it is written",
    got: `${formatValue(written)}, for which the kubelet requests ${formatValue(requested)}`,
    because: "Linkerd exempts a probe from authorization by its path as it is written",
    fixes: [
      {
        kind: "instruction",
        text: isRelative
          ? 'begin the path with "/"'
          : "use one leading slash and percent-encode special characters",
      },
    ],
  };
}

/** Characters that Go percent-encodes in a path. */
const ENCODED = /[^\w.~!$&'()*+,;=:@/[\]%-]/gu;
const INVALID_ESCAPE = /%(?![\da-f]{2})/i;
/** Characters that Rust's `http::Uri` accepts in a path. */
const ACCEPTED = /^[!$-;=@-_a-~"\u0080-\uffff]*$/;
/** The scheme and host of a URL. The kubelet replaces both, and Linkerd ignores them. */
const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i;

/**
 * The path of the kubelet's request for `httpGet.path`. The kubelet parses it as a URL, of which it replaces the scheme
 * and the host (kubernetes, pkg/probe/http/request.go). An absent path is `/`, which the API server sets.
 */
export function requestedPath(path: string): string {
  const [beforeQuery = ""] = path.split(/[?#]/, 1);
  // Between `//` and the next slash, a URL has its host.
  const written = beforeQuery.replace(ORIGIN, "").replace(/^\/\/(?!\/)[^/]*/, "");
  // Go does not parse a path with an invalid escape, and the kubelet then uses all of it as the path.
  const sent = INVALID_ESCAPE.test(written)
    ? path.replace(/%/g, "%25").replace(ENCODED, encodeURIComponent)
    : written.replace(ENCODED, encodeURIComponent);
  return sent.startsWith("/") ? sent : `/${sent}`;
}

/**
 * The path of requests that Linkerd exempts for `httpGet.path`, or `undefined` if there is none: Linkerd reads the path
 * as a URI, without its query (linkerd2, policy-controller/k8s/index/src/inbound/workload.rs).
 */
export function exemptPath(path: string): string | undefined {
  if (path === "") return "/";
  const written = path.replace(ORIGIN, "");
  const [beforeQuery = ""] = written.split(/[?#]/, 1);
  if (written !== path && beforeQuery === "") return "/";
  return beforeQuery.startsWith("/") && ACCEPTED.test(beforeQuery) && !/\s/.test(written)
    ? beforeQuery
    : undefined;
}
