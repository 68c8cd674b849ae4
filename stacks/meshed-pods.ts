/** The pods that are in a mesh: those with a proxy that get their configuration and identity from it. */
import type { V1Pod } from "@kubernetes/client-node";
import * as pulumi from "@pulumi/pulumi";

/** The mesh's own namespaces. */
interface Namespaces {
  readonly namespace: string;
  readonly vizNamespace: string;
}

/** Pods that the API server is asked for at a time. */
const PAGE = 500;

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

/** Those outside of the mesh's own namespaces, as `<namespace>/<name>`. */
export async function meshedPods(namespaces: Namespaces): Promise<string[]> {
  // Loaded when it is needed: every preview would wait for it.
  const { CoreV1Api, KubeConfig } = await import("@kubernetes/client-node");
  const api = loadKubeConfig(new KubeConfig()).makeApiClient(CoreV1Api);
  const pods: V1Pod[] = [];
  for (let next = ""; ; ) {
    const page = { limit: PAGE, ...(next ? { _continue: next } : {}) };
    const { items, metadata } = await api.listPodForAllNamespaces({ ...selectors(namespaces), ...page });
    pods.push(...items);
    next = metadata?._continue ?? "";
    if (!next) break;
  }
  return pods.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`).sort();
}

type KubeConfig = import("@kubernetes/client-node").KubeConfig;

/** The cluster that Pulumi's provider deploys to: by its settings, else as kubectl finds it. */
function loadKubeConfig(config: KubeConfig): KubeConfig {
  const provider: Record<string, string> = pulumi.runtime.allConfig();
  const given = provider["kubernetes:kubeconfig"];
  if (given === undefined) config.loadFromDefault();
  else if (/[\n{]/.test(given)) config.loadFromString(given);
  else config.loadFromFile(given);
  const context = provider["kubernetes:context"];
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}
