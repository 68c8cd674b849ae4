/** The values of a running control plane, which its chart writes into the ConfigMap `linkerd-config`, without keys. */
import { peekPath } from "../../../components/inputs/outputs.ts";
import type { RunningConfig } from "./running-mesh.ts";

/** Parses the values, which are YAML. Returns `undefined` if they are not. */
export async function parseRunningConfig(text: string): Promise<RunningConfig | undefined> {
  // Imported on use, because only an adoption needs it.
  const { parse } = await import("yaml");
  let values: unknown;
  try {
    values = parse(text);
  } catch {
    return undefined; // Someone changed the ConfigMap by hand. The certificates are compared all the same.
  }
  const read = (...path: string[]): string | undefined => {
    const value = peekPath(values, ...path);
    return value === undefined || value === null || value === "" ? undefined : String(value);
  };
  const clusterDomain = read("clusterDomain");
  return {
    clusterDomain,
    trustDomain: read("identityTrustDomain") ?? clusterDomain,
    clusterNetworks: (read("clusterNetworks") ?? "").split(",").filter((cidr) => cidr !== ""),
    cni: read("cniEnabled") === "true",
    defaultInboundPolicy: read("proxy", "defaultInboundPolicy"),
    ports: {
      skipOutbound: read("proxyInit", "ignoreOutboundPorts") ?? "",
      skipInbound: read("proxyInit", "ignoreInboundPorts") ?? "",
      opaque: read("proxy", "opaquePorts") ?? "",
    },
  };
}
