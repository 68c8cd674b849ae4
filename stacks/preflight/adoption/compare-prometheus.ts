/** Compares a running Prometheus of viz with the settings: its samples, and the volume that has them. */
import type { ValidationIssue } from "../../../components/inputs/validation.ts";
import { hasVizPrometheus } from "../../../components/linkerd/values/monitoring/delivery.ts";
import type { Settings } from "../../settings/settings-schema.ts";
import {
  type InstalledPrometheus,
  retentionChangeIssues,
  volumeChangeIssues,
} from "../monitoring/viz-prometheus.ts";
import { commandFix } from "./commands.ts";

/** Finds settings with which Helm or Prometheus would delete samples. With another Prometheus, they are not compared. */
export function comparePrometheus(
  running: InstalledPrometheus | undefined,
  settings: Pick<Settings, "monitoring" | "viz">,
): ValidationIssue[] {
  if (running === undefined || !hasVizPrometheus(settings)) return [];
  const { volume, retention } = settings.monitoring.prometheus ?? {};
  return [
    ...(running.volume !== undefined && volume === undefined ? [deletedVolume(running.volume)] : []),
    ...volumeChangeIssues(running, volume),
    ...retentionChangeIssues(running, retention),
  ];
}

function deletedVolume(volume: NonNullable<InstalledPrometheus["volume"]>): ValidationIssue {
  const path = ["monitoring", "prometheus", "volume"];
  return {
    path,
    reason: "must be the volume of the running Prometheus",
    got: "nothing",
    because: "Helm would delete the volume with all samples",
    fixes: [
      commandFix(
        ...Object.entries(volume)
          .filter(([, value]) => value !== undefined)
          .map(([field, value]) => `pulumi config set --path ${path.join(".")}.${field} ${value}`),
      ),
    ],
  };
}
