/** Releases of Linkerd whose metrics differ. */
export type Format = "2.19" | "2.20" | "edge-26.8.3";

/** The version that a proxy reports in `proxy_build_info`: linkerd2's versions of the releases, with their proxies. */
export const PROXY_VERSIONS: Readonly<Record<Format, string>> = {
  "2.19": "2.326.0",
  "2.20": "2.359.0",
  "edge-26.8.3": "2.366.0",
};

/** The version of the proxies that were not restarted since the last upgrade. */
export const OLDER_PROXY_VERSION = "2.311.0";

/** Whether the proxy has the families `inbound_http_statuses_total`, `…_request_duration_seconds` and the like. */
export function hasInboundStatuses(format: Format): boolean {
  return format !== "2.19";
}

/**
 * Whether viz's Prometheus scrapes the controllers. That of 2.19 looks for ports called `admin`, but those of the control
 * plane are called `ident-admin` and so on (linkerd2 bf5ac3178).
 */
export function scrapesControllers(format: Format): boolean {
  return format !== "2.19";
}
