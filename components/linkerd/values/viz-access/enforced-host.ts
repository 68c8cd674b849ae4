/** The check of `Host` by viz's dashboard, which protects it against DNS rebinding. */

/** Quotes the characters of a host name that have a meaning in a regular expression. */
function quote(host: string): string {
  return host.replaceAll(/[.[\]]/g, "\\$&");
}

/**
 * The value of `dashboard.enforcedHostRegexp` for a public host: a regular expression in Go's syntax (RE2), with which
 * the dashboard matches `Host` with its port, and answers 400 to others (linkerd2, web/srv/server.go).
 *
 * The value replaces the chart's (linkerd-viz, templates/web.yaml), so it is the union of the chart's five hosts and the
 * given one. Without `localhost`, `linkerd viz dashboard` would answer 400. Unlike the chart's, it ignores case, as host
 * names do.
 */
export function enforcedHostRegexp(host: string, vizNamespace: string, clusterDomain: string): string {
  const service = `web.${vizNamespace}.svc`;
  const hosts = ["localhost", "127.0.0.1", "[::1]", service, `${service}.${clusterDomain}`, host];
  return `(?i)^(${hosts.map(quote).join("|")})(:\\d+)?$`;
}
