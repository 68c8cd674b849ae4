/** Opens the cluster of a stack. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Cluster, openCluster } from "../../../stacks/cluster/cluster.ts";
import { ClusterError } from "../../../stacks/cluster/connection.ts";
import type { StackConfig } from "../../../stacks/cluster/kubeconfig.ts";
import { ROOT } from "../../program/stack-files.ts";
import { ManifestsError } from "../manifests-error.ts";

/**
 * Opens the cluster that the settings `kubernetes:…` of the stack select from the kubeconfig. An encrypted
 * `kubernetes:kubeconfig` is not read: `KUBECONFIG` takes its place.
 */
export function openStackCluster(stack: string): Promise<Cluster> {
  const file = join(ROOT, `Pulumi.${stack}.yaml`);
  const { config = {} } = existsSync(file) ? (parse(readFileSync(file, "utf8")) ?? {}) : {};
  const settings: StackConfig = Object.fromEntries(
    Object.entries(config as Record<string, unknown>).filter(
      (entry): entry is [string, string] =>
        entry[0].startsWith("kubernetes:") && typeof entry[1] === "string",
    ),
  );
  return openCluster(settings).catch((error: unknown) => {
    throw toManifestsError(error);
  });
}

/** A cluster that does not answer or denies a request as an error of the command. Other errors stay. */
export function toManifestsError(error: unknown): unknown {
  if (!(error instanceof ClusterError)) return error;
  const reason = "must select a cluster that answers, for a user who may read the objects of the mesh";
  return new ManifestsError("KUBECONFIG", { reason, because: error.message.replace(/\.$/, "") }, [
    "export KUBECONFIG=<file>, and set kubernetes:context of the stack",
  ]);
}
