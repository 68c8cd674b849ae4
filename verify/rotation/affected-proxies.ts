/** Proxies that a rotation would disconnect, because nobody restarts them between its steps. */
import type { MeshFacts } from "../cluster/mesh-facts.ts";
import type { ProbeCluster } from "../cluster/probe-cluster.ts";

/** Metadata of an object in a list of the API server. */
interface Listed {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly phase?: string };
}

/** Workloads outside the cluster, e.g. on virtual machines (linkerd2, charts/linkerd-crds/templates/workload). */
const EXTERNAL_WORKLOADS = "/apis/workload.linkerd.io/v1beta1/externalworkloads";

/**
 * Lists the proxies outside of the mesh's own components and of `ownNamespace`, which may not exist yet, e.g. `shop/web-6d5f`, sorted.
 *
 * `pulumi up` restarts the control plane and viz, and the check restarts its own workloads. Any other proxy would still
 * trust the old anchor only, or have a certificate that it signed.
 */
export async function listAffectedProxies(
  cluster: Pick<ProbeCluster, "get">,
  mesh: Pick<MeshFacts, "namespace" | "vizNamespace">,
  ownNamespace: string | undefined,
): Promise<string[]> {
  const selector = encodeURIComponent(`linkerd.io/control-plane-ns=${mesh.namespace}`);
  const pods = await list(cluster, `/api/v1/pods?labelSelector=${selector}`);
  const external = await list(cluster, EXTERNAL_WORKLOADS);
  return [
    ...pods.filter((pod) => isAffected(pod, mesh, ownNamespace)).map(formatName),
    ...external.map((workload) => `${formatName(workload)} (ExternalWorkload)`),
  ].sort();
}

/** A pod in a namespace of the mesh is restarted only if a chart created it. A pod that completed has no proxy. */
function isAffected(
  { metadata: { namespace, labels = {} }, status }: Listed,
  mesh: Pick<MeshFacts, "namespace" | "vizNamespace">,
  ownNamespace: string | undefined,
): boolean {
  if (status?.phase === "Succeeded" || status?.phase === "Failed" || namespace === ownNamespace) return false;
  const isControlPlane = namespace === mesh.namespace && "linkerd.io/control-plane-component" in labels;
  const isViz = namespace === mesh.vizNamespace && labels["linkerd.io/extension"] === "viz";
  return !isControlPlane && !isViz;
}

/** A cluster without the kind has no object of it. */
async function list(cluster: Pick<ProbeCluster, "get">, path: string): Promise<Listed[]> {
  const { status, body } = await cluster.get(path);
  if (status === 404) return [];
  if (status !== 200) throw new Error(`the API server answers ${status} to ${path}`);
  return (JSON.parse(body) as { items: Listed[] }).items;
}

const formatName = ({ metadata: { namespace, name } }: Listed) => `${namespace}/${name}`;
