import { join, resolve } from "node:path";
import type { Tools } from "../tools/index.ts";

export interface ClusterOptions {
  /** Name of the cluster, and of its context in the kubeconfig. */
  readonly name: string;
  /** Everything that the cluster writes is in this directory. Clusters in different directories are independent. */
  readonly directory: string;
  readonly tools: Tools;
  /** How many nodes kwok simulates. @default 3 */
  readonly nodes?: number;
  /** An older Kubernetes version that the API server emulates, e.g. `1.35`. @default its own version */
  readonly emulatedVersion?: string;
}

/** Where the files of a cluster are. */
export interface Layout {
  readonly directory: string;
  /** Name of the lock that everything which changes the cluster takes. */
  readonly lock: string;
  /** Directory of kwokctl. */
  readonly workDirectory: string;
  /** kwokctl's directory for this cluster, in {@link workDirectory}. */
  readonly clusterDirectory: string;
  readonly kubeconfig: string;
  readonly configuration: string;
  /** A file that exists once the cluster has served. Without it, the cluster is incomplete. */
  readonly createdMarker: string;
}

export function resolveLayout(directory: string, name = ""): Layout {
  const path = resolve(directory);
  return {
    directory: path,
    lock: join(path, "cluster"),
    workDirectory: join(path, "kwok"),
    clusterDirectory: join(path, "kwok", "clusters", name),
    kubeconfig: join(path, "kubeconfig"),
    configuration: join(path, "kwokctl.json"),
    createdMarker: join(path, "made"),
  };
}
