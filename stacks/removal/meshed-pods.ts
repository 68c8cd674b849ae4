/** The pods of a mesh: those with a proxy that the control plane serves. */
import { openCluster } from "../cluster/cluster.ts";
import type { StackConfig } from "../cluster/kubeconfig.ts";

/** The mesh's own namespaces. */
interface Namespaces {
  readonly namespace: string;
  readonly vizNamespace: string;
}

/**
 * Selectors for the API server, so that kubectl lists the same pods. The injector labels every pod that it gives a
 * proxy with the control plane's namespace (linkerd2, pkg/inject/inject.go), and `linkerd uninstall` uses the same
 * label. A pod that has completed has no running proxy.
 */
function selectors({ namespace, vizNamespace }: Namespaces) {
  return {
    labelSelector: `linkerd.io/control-plane-ns=${namespace}`,
    fieldSelector: [
      `metadata.namespace!=${namespace}`,
      `metadata.namespace!=${vizNamespace}`,
      "status.phase!=Succeeded",
      "status.phase!=Failed",
    ].join(),
  };
}

/** The command that lists the pods. */
export function meshedPodsCommand(namespaces: Namespaces): string {
  const { labelSelector, fieldSelector } = selectors(namespaces);
  return `kubectl get pods -A -l ${labelSelector} --field-selector '${fieldSelector}'`;
}

/**
 * Lists the pods outside of the mesh's own namespaces, as `<namespace>/<name>`, in the cluster of the stack with this
 * configuration.
 */
export async function listMeshedPods(namespaces: Namespaces, config: StackConfig): Promise<string[]> {
  const cluster = await openCluster(config);
  const pods = await cluster.listMetadata("v1", "Pod", selectors(namespaces));
  return pods.map(({ namespace, name }) => `${namespace}/${name}`).sort();
}
