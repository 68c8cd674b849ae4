/** Reads the certificates of proxies in TLS handshakes. */
import type { V1Pod } from "@kubernetes/client-node";
import { identityOf, type MeshFacts } from "../../cluster/mesh-facts.ts";
import type { ProbeCluster } from "../../cluster/probe-cluster.ts";
import type { ServerCertificates } from "../../probe/protocol.ts";
import type { ServedChain } from "./chain.ts";

/** Default of the proxy's inbound port, and the name of the port (linkerd2, charts/partials/templates/_proxy.tpl). */
const INBOUND_PORT = 4143;
const INBOUND_PORT_NAME = "linkerd-proxy";

/** Time limit of one handshake. */
export const HANDSHAKE_MS = 5_000;

/**
 * Does a handshake with the proxy of each running pod, from a pod without a proxy. Its server name is the identity of the
 * pod: a proxy forwards TLS with any other server name to the application.
 */
export async function handshakeProxies(
  cluster: Pick<ProbeCluster, "run">,
  mesh: Pick<MeshFacts, "namespace" | "trustDomain">,
  pods: readonly V1Pod[],
): Promise<ServedChain[]> {
  const proxies = pods.filter(isRunning).map((pod) => {
    const { name, namespace = "" } = pod.metadata ?? {};
    return {
      server: `the proxy of ${namespace}/${name}`,
      target: {
        host: pod.status?.podIP ?? "",
        port: inboundPort(pod),
        serverName: identityOf(mesh, namespace, pod.spec?.serviceAccountName ?? "default"),
      },
    };
  });
  const targets = proxies.map(({ target }) => target);
  const results = await cluster.run("unmeshed", "certificates", { targets, timeoutMs: HANDSHAKE_MS });
  return proxies.map(({ server, target }, index) => ({
    server,
    name: target.serverName,
    ...toChain(results[index]),
  }));
}

/** The certificates of one handshake. */
export function toChain(result: ServerCertificates | undefined): Pick<ServedChain, "chain" | "error"> {
  return { chain: result?.chain ?? [], error: result?.error };
}

/** Not a pod that completed, waits for a node, or is being deleted. */
const isRunning = ({ metadata, status }: V1Pod) =>
  status?.phase === "Running" && status.podIP !== undefined && metadata?.deletionTimestamp === undefined;

/** A native sidecar is an init container. */
function inboundPort({ spec }: V1Pod): number {
  const ports = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(
    (container) => container.ports ?? [],
  );
  return ports.find(({ name }) => name === INBOUND_PORT_NAME)?.containerPort ?? INBOUND_PORT;
}
