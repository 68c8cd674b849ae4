/** The cluster of a stack: the one that Pulumi's default Kubernetes provider connects to. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import { environmentProxy } from "./environment-proxy.ts";

/** Configuration of a stack: full keys, such as `kubernetes:context`, and their values. */
export type StackConfig = Readonly<Record<string, string | undefined>>;

/** The part of `@kubernetes/client-node` that is used here. It is imported on use, because that takes 0.4 s. */
interface ClientLibrary {
  readonly KubeConfig: new () => KubeConfig;
}

/** A kubeconfig whose current context has a cluster. */
export interface SelectedCluster {
  readonly kubeConfig: KubeConfig;
  /** URL of the cluster's API server, without a slash at the end. */
  readonly server: string;
}

/**
 * Loads the kubeconfig by the rules of the provider (pulumi-kubernetes, provider/pkg/provider/provider.go, Configure):
 * `kubernetes:kubeconfig` is a path or the text itself; without it, client-go's rules apply. `kubernetes:context` and
 * `kubernetes:cluster` select from it. Throws an error if the configuration selects no cluster.
 */
export function loadKubeConfig({ KubeConfig }: ClientLibrary, config: StackConfig): SelectedCluster {
  const given = config["kubernetes:kubeconfig"];
  const result = new KubeConfig();
  if (given) result.loadFromString(readKubeconfig(given));
  else loadDefault(result, () => new KubeConfig());
  const server = selectCluster(result, config["kubernetes:context"], config["kubernetes:cluster"]);
  return { kubeConfig: result, server };
}

/** The text of a kubeconfig, from the setting's value. As in the provider, relative paths in it are not resolved. */
function readKubeconfig(pathOrText: string): string {
  const path = pathOrText.replace(/^~(?=$|\/)/, homedir());
  return existsSync(path) ? readFileSync(path, "utf8") : pathOrText;
}

/** The paths in `KUBECONFIG`, or that of `~/.kube/config`. There may be no such files. */
export function listKubeconfigs(): string[] {
  return process.env.KUBECONFIG?.split(delimiter).filter(Boolean) ?? [join(homedir(), ".kube", "config")];
}

/**
 * Loads the files in `KUBECONFIG` or `~/.kube/config`, or the account of the pod. `KubeConfig.loadFromDefault` merges
 * several files by other rules than client-go: it selects the last current context, and rejects a missing or empty file.
 */
function loadDefault(result: KubeConfig, create: () => KubeConfig): void {
  const paths = listKubeconfigs();
  const existing = paths.filter((path) => existsSync(path));
  const files = existing
    .filter((path) => readFileSync(path, "utf8").trim() !== "")
    .map((path) => {
      const file = create();
      file.loadFromFile(path);
      return file;
    });
  if (files.length === 0) {
    if (process.env.KUBECONFIG || existing.length > 0) {
      throw new Error(`the kubeconfig ${paths.join(delimiter)} does not exist or is empty`);
    }
    result.loadFromDefault();
    return;
  }
  result.loadFromOptions({
    clusters: firstByName(files.flatMap(({ clusters }) => clusters ?? [])),
    users: firstByName(files.flatMap(({ users }) => users ?? [])),
    contexts: firstByName(files.flatMap(({ contexts }) => contexts ?? [])),
    currentContext: files.map(({ currentContext }) => currentContext).find(Boolean),
  });
}

/** Of entries with the same name, the first applies (client-go, tools/clientcmd/loader.go). */
function firstByName<Entry extends { readonly name: string }>(entries: readonly Entry[]): Entry[] {
  return [...Map.groupBy(entries, ({ name }) => name).values()].map(([first]) => first as Entry);
}

/** Applies the settings to the kubeconfig. Returns the URL of the selected API server. */
function selectCluster(config: KubeConfig, context: string | undefined, cluster: string | undefined): string {
  if (context) config.setCurrentContext(context);
  const current = config.getCurrentContext();
  if (cluster) {
    const selected = config.getContextObject(current) ?? { name: current ?? "", user: "" };
    config.contexts = [
      ...config.contexts.filter(({ name }) => name !== selected.name),
      { ...selected, cluster },
    ];
    config.setCurrentContext(selected.name);
  }
  const found = config.getCurrentCluster();
  if (!found)
    throw new Error(`the kubeconfig has no context ${JSON.stringify(current ?? "")} with a cluster`);
  // `KubeConfig` refuses HTTP, e.g. of `kubectl proxy`, unless the kubeconfig allows TLS without verification.
  const skipTLSVerify = found.skipTLSVerify || found.server.startsWith("http:");
  const proxyUrl = found.proxyUrl ?? environmentProxy(found.server);
  const selected = { ...found, skipTLSVerify, ...(proxyUrl ? { proxyUrl } : {}) };
  config.clusters = config.clusters.map((each) => (each === found ? selected : each));
  return found.server.replace(/\/$/, "");
}
