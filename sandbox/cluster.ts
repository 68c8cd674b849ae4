/**
 * Runs a Kubernetes control plane as processes (etcd, API server, controller manager, scheduler), with kwok
 * simulating the nodes. kwokctl creates and starts clusters, but it trusts pid files, which are wrong after a crash
 * or a reboot. This module therefore determines which processes run and whether a cluster is complete.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { endComponents } from "./cluster/components.ts";
import { type ClusterOptions, resolveLayout } from "./cluster/layout.ts";
import { becomesFree, readPorts } from "./cluster/ports.ts";
import { createCluster, removeData, resumeCluster } from "./cluster/start.ts";
import { withLock } from "./tools/lock.ts";

export { serviceAddresses } from "./cluster/configuration.ts";
export type { ClusterOptions } from "./cluster/layout.ts";

export interface Cluster {
  readonly name: string;
  readonly directory: string;
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
}

/** The processes that were ended, and the ports that are free again. */
export interface Stopped {
  readonly processes: readonly string[];
  readonly ports: readonly number[];
}

/**
 * Starts a cluster, and returns when it serves and its nodes are ready. A cluster that already serves is left as
 * it is. If some of its processes have ended, they are started again on their data.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const layout = resolveLayout(options.directory, options.name);
  return withLock(layout.lock, async () => {
    if (existsSync(layout.createdMarker)) {
      await resumeCluster(layout, options);
    } else {
      // An interrupted creation may have left processes and data.
      await endComponents(layout.directory);
      await removeData(layout);
      await createCluster(layout, options);
    }
    return { name: options.name, directory: layout.directory, kubeconfig: layout.kubeconfig };
  });
}

/** Ends the cluster's processes and keeps its data. Fails if one of its ports does not become free. */
export async function stopCluster(directory: string): Promise<Stopped> {
  const { directory: path, lock, configuration } = resolveLayout(directory);
  if (!existsSync(path)) return { processes: [], ports: [] };
  return withLock(lock, async () => {
    const processes = await endComponents(path);
    const ports = existsSync(configuration) ? readPorts(configuration) : [];
    for (const port of ports) {
      if (!(await becomesFree(port))) {
        throw new Error(
          `sandbox: port ${port}: must be free after the cluster's processes have ended, got a listener. ` +
            `Fix: find and end the process with: ss -ltnp 'sport = :${port}'`,
        );
      }
    }
    return { processes, ports };
  });
}

/** Stops the cluster and deletes its directory. */
export async function deleteCluster(directory: string): Promise<Stopped> {
  const stopped = await stopCluster(directory);
  await rm(resolve(directory), { recursive: true, force: true });
  return stopped;
}
