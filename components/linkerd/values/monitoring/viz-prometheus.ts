/** The Prometheus of the chart linkerd-viz. */
import type * as pulumi from "@pulumi/pulumi";
import type { NamespacedIdentity } from "../../../inputs/workload-identity.ts";

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
