/** The pods that are in a mesh: those with a proxy that get their configuration and identity from it. */
import type { KubeConfig } from "@kubernetes/client-node";

/** The mesh's own namespaces. */
interface Namespaces {
  readonly namespace: string;
  readonly vizNamespace: string;
}

/**
 * What picks them, in the API server and so the same by `kubectl`. The injector labels every pod that it gives a
 * proxy with the control plane's namespace (linkerd2, pkg/inject/inject.go), and `linkerd uninstall` looks for
 * them by that; a pod that has ended has no proxy any more.
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

/** The command that lists them. */
export function meshedPodsCommand(namespaces: Namespaces): string {
  const { labelSelector, fieldSelector } = selectors(namespaces);
  return `kubectl get pods -A -l ${labelSelector} --field-selector '${fieldSelector}'`;
}

/**
 * Those outside of the mesh's own namespaces, as `<namespace>/<name>`, in the cluster of the stack that has this
 * configuration.
 */
export async function meshedPods(
  namespaces: Namespaces,
  config: Record<string, string | undefined>,
): Promise<string[]> {
  // Loaded when it is needed: every preview would wait for it.
  const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const cluster = new KubeConfig();
  load(cluster, config["kubernetes:kubeconfig"], config["kubernetes:context"]);
  const { items } = await cluster.makeApiClient(CoreV1Api).listPodForAllNamespaces(selectors(namespaces));
  return items.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`).sort();
}

/** By the settings of Pulumi's provider, whose kubeconfig is a path or the text itself; else as kubectl finds it. */
function load(cluster: KubeConfig, kubeconfig: string | undefined, context: string | undefined): void {
  if (kubeconfig === undefined) cluster.loadFromDefault();
  else if (/[\n{]/.test(kubeconfig)) cluster.loadFromString(kubeconfig);
  else cluster.loadFromFile(kubeconfig);
  if (context !== undefined) cluster.setCurrentContext(context);
}
