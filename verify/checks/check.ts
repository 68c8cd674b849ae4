/** What every check of the acceptance test has in common. */

import type { MeshFacts } from "../cluster/mesh-facts.ts";
import type { ProbeCluster } from "../cluster/probe-cluster.ts";
import type { Finding } from "../report/finding.ts";
import type { Rotation } from "../rotation/prepare-rotation.ts";
import type { WorkloadName } from "../workloads/names.ts";

export const CHECK_NAMES = [
  "injection",
  "mtls",
  "mail",
  "authorization",
  "retries",
  "load-balancing",
  "jobs",
  "rolling-restart",
  "certificates",
  "viz",
  "rotation",
] as const;

export type CheckName = (typeof CHECK_NAMES)[number];

/** One promise of the mesh, and how to observe it. */
export interface Check {
  readonly name: CheckName;
  /** The promise as one sentence, e.g. `Mail bypasses the proxy`. */
  readonly title: string;
  /** The workloads that it needs. Only the workloads of the selected checks are deployed. */
  readonly workloads: readonly WorkloadName[];
  /**
   * Observes and judges. Rejects only where the observation itself fails, e.g. if the API server does not answer; a broken
   * promise is a problem of the finding.
   */
  run(context: CheckContext): Promise<Finding>;
}

export interface CheckContext {
  /** The namespace of the workloads. */
  readonly namespace: string;
  readonly cluster: ProbeCluster;
  readonly mesh: MeshFacts;
  /**
   * The rotation that `prepareRotation` returned before the workloads were created, or the reason why it does not run.
   * `undefined` without `--rotation`.
   */
  readonly rotation?: Rotation | { readonly skipped: string } | undefined;
  /** Receives a line for each step of a check that takes minutes. @default none */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Aborted when the run ends early. */
  readonly signal: AbortSignal;
}
