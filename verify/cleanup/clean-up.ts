/** Removes everything that a run created. The main process does it, or the cleaner if the main process was killed. */
import { rmSync } from "node:fs";
import { openConnection } from "../cluster/connection.ts";
import { endEngines } from "./engines.ts";
import { deleteNamespace } from "./run-namespace.ts";

/** What a run created. All of its objects in the cluster are in its namespace. */
export interface RunResources {
  readonly namespace: string;
  /** Whether the namespace stays. */
  readonly keep: boolean;
  /** The context of the kubeconfig; `undefined` for the account of the pod. */
  readonly context: string | undefined;
  /** The directory of the engine's project and state. */
  readonly directory: string;
}

/** The deletion of a namespace takes as long as its pods take to end. A foreign finalizer may stop it. */
const LIMIT_MS = 90_000;

/** Ends the engine, and deletes the namespace, unless it stays, and the directory. Rejects if the namespace still exists after its time limit. */
export async function cleanUp({ namespace, keep, context, directory }: RunResources): Promise<void> {
  await endEngines(directory);
  try {
    if (!keep) await deleteNamespace(openConnection(context), namespace, LIMIT_MS);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
