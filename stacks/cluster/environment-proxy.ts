/** The proxy that the environment selects, by the rules of Go's HTTP client, which Pulumi's provider uses. */
import { BlockList, isIP } from "node:net";

/**
 * The proxy for requests to `server`, or `undefined` for a direct connection. The variables and the syntax of
 * `NO_PROXY` are those of golang.org/x/net/http/httpproxy. Node's `fetch` reads none of them.
 */
export function environmentProxy(
  server: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const { protocol, hostname, port } = new URL(server);
  const isTls = protocol === "https:";
  const proxy = isTls ? env.HTTPS_PROXY || env.https_proxy : env.HTTP_PROXY || env.http_proxy;
  if (!proxy) return undefined;
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const address = { host, port: port || (isTls ? "443" : "80") };
  if (isLoopback(host)) return undefined;
  const exceptions = (env.NO_PROXY || env.no_proxy || "")
    .split(",")
    .map((entry) => entry.trim().toLowerCase());
  if (exceptions.some((entry) => entry !== "" && matches(entry, address))) return undefined;
  return /^[a-z0-9]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Whether an entry of `NO_PROXY` (`*`, an IP address, a CIDR or a domain, the last with a port or not) matches. */
function matches(entry: string, { host, port }: { host: string; port: string }): boolean {
  if (entry === "*") return true;
  const [address = "", bits] = entry.split("/");
  if (bits !== undefined) return isIP(address) !== 0 && isInNetwork(host, address, Number(bits));
  if (isIP(entry) !== 0) return entry === host;
  const [, name = "", onPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (onPort !== undefined && onPort !== port) return false;
  const domain = name.replace(/^\*/, "").replace(/^\[|\]$/g, "");
  return domain.startsWith(".") ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isInNetwork(host: string, network: string, bits: number): boolean {
  const family = isIP(host);
  if (family === 0 || family !== isIP(network) || !(bits >= 0 && bits <= (family === 4 ? 32 : 128)))
    return false;
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}
