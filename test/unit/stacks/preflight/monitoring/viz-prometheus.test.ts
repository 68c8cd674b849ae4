import { expect, test } from "vitest";
import { formatIssue } from "../../../../../components/inputs/validation.ts";
import type { VolumeOptions } from "../../../../../components/linkerd/values/monitoring/viz-prometheus.ts";
import {
  installedPrometheus,
  retentionChangeIssues,
  volumeChangeIssues,
} from "../../../../../stacks/preflight/monitoring/viz-prometheus.ts";

/** The messages about a volume with these values of the chart, and planned options. */
function changes(persistence: object, planned: VolumeOptions | undefined): string[] {
  const installed = installedPrometheus({ prometheus: { persistence } });
  return volumeChangeIssues(installed, planned).map(formatIssue);
}

const DELETE =
  "delete the volume with its samples: remove monitoring.prometheus.volume, run pulumi up, and set it again";

test("a volume may grow, stay the same in other units, or be removed", () => {
  const volume = { size: "20Gi", storageClass: "fast", accessMode: "ReadWriteOnce" };
  for (const size of ["20Gi", "20480Mi", "21Gi", "1Ti"]) {
    expect(changes(volume, { size, storageClass: "fast" })).toEqual([]);
  }
  expect(changes(volume, undefined)).toEqual([]);
  expect(changes({}, { size: "1Gi" })).toEqual([]);
});

test("a volume that would shrink is rejected with its size", () => {
  expect(changes({ size: "20Gi" }, { size: "20G" })).toEqual([
    "monitoring.prometheus.volume.size: must not be less than the size of the volume, got 20G, while the volume has 20Gi. " +
      "Kubernetes rejects a volume that shrinks, after Helm has changed other objects. " +
      'Fix: set monitoring.prometheus.volume.size to "20Gi"',
  ]);
});

test("another class or access mode of a volume is rejected with the present one", () => {
  expect(changes({ size: "20Gi", storageClass: "slow" }, { size: "20Gi", storageClass: "fast" })).toEqual([
    'monitoring.prometheus.volume.storageClass: must be that of the volume, got "fast", while the volume has "slow". ' +
      "Kubernetes rejects the change, after Helm has changed other objects. " +
      `Fix: set monitoring.prometheus.volume.storageClass to "slow", or ${DELETE}`,
  ]);
  expect(changes({ size: "20Gi" }, { size: "20Gi", storageClass: "fast" })).toEqual([
    expect.stringContaining(`Fix: remove monitoring.prometheus.volume.storageClass, or ${DELETE}`),
  ]);
  expect(changes({ size: "20Gi" }, { size: "20Gi", accessMode: "ReadWriteMany" })).toEqual([
    expect.stringContaining('got "ReadWriteMany", while the volume has "ReadWriteOnce"'),
  ]);
});

test("a release without its own Prometheus has neither a volume nor a retention", () => {
  expect(
    installedPrometheus({ prometheus: { enabled: false, persistence: { size: "1Gi" } } }),
  ).toBeUndefined();
  expect(installedPrometheus(undefined)).toEqual({ volume: undefined, retention: "6h" });
});

test("only a shorter retention than that of the running Prometheus deletes samples", () => {
  const running = installedPrometheus({ prometheus: { args: { "storage.tsdb.retention.time": "7d" } } });
  const issues = (retention?: string) => retentionChangeIssues(running, retention).map(formatIssue);
  expect(issues("7d")).toEqual([]);
  expect(issues("168h")).toEqual([]);
  expect(issues("15d")).toEqual([]);
  for (const retention of [undefined, "6h", "6d"]) {
    expect(issues(retention)).toEqual([
      `monitoring.prometheus.retention: must not be shorter than that of the running Prometheus, got "${retention ?? "6h"}", ` +
        'while it has "7d". Prometheus would delete older samples. Fix: set monitoring.prometheus.retention to "7d"',
    ]);
  }
});
