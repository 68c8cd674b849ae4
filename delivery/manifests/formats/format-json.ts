/** The report as JSON, for scripts. */
import type { Report } from "../report.ts";

/**
 * Formats a report as one JSON object. Fields are added in later versions, and keep their meaning. In a comparison with a
 * cluster, `before` is the cluster and `after` the program: `added` lists the objects that are missing in the cluster, and
 * `removed` those that only the cluster has.
 *
 * - `stack`, `against`, `commit`: the stack, the version it is compared with, and the commit. `commit` may be missing.
 * - `irreversible`: `{ object, what, why }`, the greatest loss first.
 * - `rolls`: workloads that restart, `namespace/name`, sorted by namespace, kind and name.
 * - `restarts`: `{ workload, kind, pods, budget, because }`, as `rolls`. A DaemonSet has no `pods`: it has one on each
 *   node. `budget` is missing without a PodDisruptionBudget. `because` has the paths of the fields.
 * - `deferred`: `{ object, effect, because }`, changes that running pods take at their next start.
 * - `added`, `removed`, `kept`: `Kind namespace/name`. Kept objects are no longer managed and stay in the cluster.
 * - `changed`: `{ object, fields, changedBy }`, each field with `path` and `before` or `after` or both. `fields` is empty
 *   if only checksums differ. `changedBy` is only in a comparison with a cluster: who set the fields outside of Pulumi.
 * - `violations`: `{ object, rule, message, level, isNew }`, new ones first. `isNew` is false if the commit has the violation
 *   too. It is missing in a comparison with a cluster.
 *
 * Secrets appear as the names of their keys, certificates by subject, digest and expiry.
 */
export function formatJson(report: Report): string {
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
