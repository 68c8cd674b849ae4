/** Compares a running mesh with the settings that are to adopt it. */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import { comparePrometheus } from "./compare-prometheus.ts";
import { compareValues, compareVersions } from "./compare-settings.ts";
import { compareTrust } from "./compare-trust.ts";
import { compareWebhooks } from "./compare-webhooks.ts";
import type { RunningMesh } from "./running-mesh.ts";

/**
 * Finds differences that running proxies would not survive, each with the setting that keeps the running mesh. Pure: the
 * running mesh was read from the cluster.
 */
export function compareWithRunningMesh(running: RunningMesh, planned: Settings): ValidationIssue[] {
  const trust = compareTrust(running, planned);
  // The fix for another mode also decides where webhook certificates come from.
  const isOtherMode = trust.some(({ path }) => path.at(-1) === "mode");
  return [
    ...compareVersions(running, planned),
    ...(running.config ? compareValues(running.config, planned) : []),
    ...comparePrometheus(running.prometheus, planned),
    ...trust,
    ...(isOtherMode ? [] : compareWebhooks(running, planned)),
  ];
}
