/** The Prometheus of the chart linkerd-viz. */
import type * as pulumi from "@pulumi/pulumi";
import { isDnsLabel, isDnsSubdomain } from "../../../inputs/kubernetes-names.ts";
import type { ChartValues } from "../../../inputs/merge.ts";
import { knownValue, mapInput, omitUndefined, peekPath } from "../../../inputs/outputs.ts";
import { parseQuantity } from "../../../inputs/quantity.ts";
import { formatValue, type Path, type ValidationIssue } from "../../../inputs/validation.ts";
import type { NamespacedIdentity } from "../../../inputs/workload-identity.ts";
import { parseDuration } from "../../../observability/rules/duration.ts";
import type { ExtraValues } from "../extra-values.ts";
import { at, isHostWithPort, textIssues, withoutViz } from "./checks.ts";

/** The samples that viz's Prometheus keeps: those that dashboards, alerts and viz use, or all. */
export type KeptSamples = "used" | "all";

/** All values of {@link KeptSamples}. */
export const KEPT_SAMPLES = ["used", "all"] as const satisfies readonly KeptSamples[];

/** How a node mounts a volume. Prometheus writes, so `ReadOnlyMany` is not among them. */
export type VolumeAccessMode = "ReadWriteOnce" | "ReadWriteOncePod" | "ReadWriteMany";

/** All values of {@link VolumeAccessMode}. */
export const VOLUME_ACCESS_MODES = [
  "ReadWriteOnce",
  "ReadWriteOncePod",
  "ReadWriteMany",
] as const satisfies readonly VolumeAccessMode[];

/** The access mode without `accessMode`. */
export const DEFAULT_ACCESS_MODE: VolumeAccessMode = "ReadWriteOnce";

/** The volume of viz's Prometheus. All fields are plain, because they are compared with the deployed ones. */
export interface VolumeOptions {
  /** Kubernetes quantity in bytes, e.g. `20Gi`. It can't be reduced, and only some storage classes can increase it. */
  size: string;
  /** StorageClass of the volume. It can't be changed. @default the default class of the cluster */
  storageClass?: string | undefined;
  /** How nodes mount the volume. It can't be changed. @default "ReadWriteOnce" */
  accessMode?: VolumeAccessMode | undefined;
}

/** The Prometheus that viz installs. */
export interface VizPrometheusOptions {
  /**
   * How long samples are kept: a duration of Prometheus, e.g. `6h` or `15d`. Alerts need 6h or more. Plain, because the
   * windows of alerts depend on it.
   * @default "6h"
   */
  retention?: string | undefined;
  /**
   * A volume for the samples. Without it, they are lost when the pod moves. Plain.
   * @default none
   */
  volume?: VolumeOptions | undefined;
  /**
   * Alertmanagers that are notified of alerts, each as `<host>:<port>`, e.g. `alertmanager.monitoring.svc:9093`.
   * @default none: alerts are visible in Prometheus only
   */
  alertmanagers?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * `used`: of the samples of proxies, keep those that the dashboards, the alerts and viz use. `all`: keep all. Plain.
   * @default "used"
   */
  keep?: KeptSamples | undefined;
  /**
   * ServiceAccounts that may query it besides viz, e.g. Grafana's. Their pods must be meshed. The list is plain, because
   * it decides which resources exist.
   * @default none
   */
  readers?: NamespacedIdentity[] | undefined;
}

/** The settings that viz's Prometheus depends on. */
interface Circumstances {
  readonly viz: boolean;
  readonly external: boolean;
  /** Whether it evaluates alerts, whose check of the retention then applies. */
  readonly alerts: boolean;
}

const PATH = at("prometheus");

/** Issues with viz's Prometheus. */
export function vizPrometheusIssues(
  options: VizPrometheusOptions,
  { viz, external, alerts }: Circumstances,
): ValidationIssue[] {
  if (!viz) return [withoutViz(PATH)];
  if (external) {
    return [
      {
        path: PATH,
        reason: "must not be set with monitoring.external",
        because: "viz then installs no Prometheus",
        conflictsWith: at("external"),
        fixes: [{ kind: "remove" }],
      },
    ];
  }
  return [
    ...textIssues(
      [...PATH, "retention"],
      alerts ? undefined : options.retention,
      (text) => (parseDuration(text) ?? 0) > 0,
      'a duration of Prometheus, e.g. "6h" or "15d"',
    ),
    ...(options.volume === undefined ? [] : volumeIssues(options.volume)),
    ...alertmanagerIssues(knownValue(options.alertmanagers) as string[] | undefined),
    ...readerIssues(options.readers),
  ];
}

function volumeIssues({ size, storageClass }: VolumeOptions): ValidationIssue[] {
  return [
    ...textIssues(
      [...PATH, "volume", "size"],
      size,
      (text) => /^[\d.]+([kMGTPE]|[KMGTPE]i)$/.test(text) && (parseQuantity(text) ?? 0) > 0,
      'a Kubernetes quantity of bytes with a unit, e.g. "20Gi"',
    ),
    ...textIssues(
      [...PATH, "volume", "storageClass"],
      storageClass,
      isDnsSubdomain,
      "the name of a StorageClass",
    ),
  ];
}

function alertmanagerIssues(addresses: readonly string[] = []): ValidationIssue[] {
  return addresses.flatMap((address, index) => {
    const path = [...PATH, "alertmanagers", index];
    // A URL with credentials is not shown.
    const got = address.includes("@") ? { got: "an address with credentials" } : {};
    return [
      ...textIssues(
        path,
        address,
        isHostWithPort,
        'a host and a port without a scheme, e.g. "alertmanager.monitoring.svc:9093"',
        got,
      ),
      ...(addresses.indexOf(address) === index ? [] : [duplicate(path, address)]),
    ];
  });
}

function readerIssues(readers: readonly NamespacedIdentity[] = []): ValidationIssue[] {
  const known = readers.map((reader) => formatValue(knownValue(reader)));
  return readers.flatMap(({ namespace, serviceAccount }, index) => {
    const path = [...PATH, "readers", index];
    const text = known[index];
    const isRepeated = text !== formatValue(undefined) && known.indexOf(text ?? "") < index;
    return [
      ...textIssues([...path, "namespace"], namespace, isDnsLabel, "the name of a namespace"),
      ...textIssues(
        [...path, "serviceAccount"],
        serviceAccount,
        isDnsSubdomain,
        "the name of a ServiceAccount",
        { because: "Linkerd authorizes readers by the identity of their ServiceAccount" },
      ),
      ...(isRepeated ? [duplicate(path)] : []),
    ];
  });
}

function duplicate(path: Path, value?: string): ValidationIssue {
  return {
    path,
    reason: "must not be listed twice",
    ...(value === undefined ? {} : { got: formatValue(value) }),
    fixes: [{ kind: "remove" }],
  };
}

/** Extra values that the list of kept samples conflicts with. */
export function keepIssues(keep: KeptSamples = "used", extraValues: ExtraValues = {}): ValidationIssue[] {
  const given = peekPath(extraValues.viz, "prometheus", "metricRelabelConfigs");
  if (keep === "all" || given === undefined) return [];
  return [
    {
      path: ["extraValues", "viz", "prometheus", "metricRelabelConfigs"],
      reason: 'must not be set unless monitoring.prometheus.keep is "all"',
      because: "All samples that dashboards, alerts and viz do not use would be dropped before it",
      conflictsWith: [...PATH, "keep"],
      fixes: [{ kind: "set", path: [...PATH, "keep"], value: "all" }, { kind: "remove" }],
    },
  ];
}

/** The values of linkerd-viz for its own Prometheus, without those of its scrapes. */
export function vizPrometheusValues(options: VizPrometheusOptions = {}): ChartValues {
  const { retention, volume } = options;
  const alertmanagers = options.alertmanagers as pulumi.Input<pulumi.Input<string>[] | undefined>;
  return {
    prometheus: {
      args: retention === undefined ? undefined : { "storage.tsdb.retention.time": retention },
      persistence: volume && { accessMode: DEFAULT_ACCESS_MODE, ...omitUndefined(volume) },
      alertmanagers: mapInput(alertmanagers, (targets) =>
        targets && targets.length > 0 ? [{ static_configs: [{ targets }] }] : undefined,
      ),
    },
  };
}
