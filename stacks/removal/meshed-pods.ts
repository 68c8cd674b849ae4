/** The pods of a mesh: those with a proxy that the control plane serves. */
import type { KubeConfig } from "@kubernetes/client-node";

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
export async function listMeshedPods(
  namespaces: Namespaces,
  config: Record<string, string | undefined>,
): Promise<string[]> {
  // Imported on use, because the import would slow down every preview.
  const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const cluster = new KubeConfig();
  loadConfig(cluster, config["kubernetes:kubeconfig"], config["kubernetes:context"]);
  const { items } = await cluster.makeApiClient(CoreV1Api).listPodForAllNamespaces(selectors(namespaces));
  return items.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`).sort();
}

/** Applies the settings of Pulumi's provider, whose kubeconfig is a path or the content, or else kubectl's defaults. */
function loadConfig(cluster: KubeConfig, kubeconfig: string | undefined, context: string | undefined): void {
  if (kubeconfig === undefined) cluster.loadFromDefault();
  else if (/[\n{]/.test(kubeconfig)) cluster.loadFromString(kubeconfig);
  else cluster.loadFromFile(kubeconfig);
  if (context !== undefined) cluster.setCurrentContext(context);
}
