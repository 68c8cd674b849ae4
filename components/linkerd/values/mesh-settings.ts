/** The settings of a mesh beyond its names and certificates. Every setting has a default. */
import type * as pulumi from "@pulumi/pulumi";
import { mapInput } from "../../inputs/outputs.ts";
import type { ExtraValues } from "./extra-values.ts";
import type { MonitoringSettings } from "./monitoring/monitoring-settings.ts";
import type { PortSettings } from "./ports.ts";
import type { ProxySettings } from "./proxy.ts";
import type { TapSettings } from "./viz-access/tap-settings.ts";
import type { VizAccessSettings } from "./viz-access/viz-access-settings.ts";

/** Who may connect to a meshed pod for which no policy exists (linkerd.io, "Authorization Policy"). */
export type InboundPolicy =
  | "all-unauthenticated"
  | "all-authenticated"
  | "cluster-unauthenticated"
  | "cluster-authenticated"
  | "deny"
  | "audit";

/** All values of {@link InboundPolicy}. */
export const INBOUND_POLICIES = [
  "all-unauthenticated",
  "all-authenticated",
  "cluster-unauthenticated",
  "cluster-authenticated",
  "deny",
  "audit",
] as const satisfies readonly InboundPolicy[];

/** The policy of the chart. */
export const DEFAULT_INBOUND_POLICY: InboundPolicy = "all-unauthenticated";

/** The policies that deny callers without an identity, such as the kubelet. */
export const AUTHENTICATED_POLICIES: readonly InboundPolicy[] = [
  "all-authenticated",
  "cluster-authenticated",
  "deny",
];

/** What puts the label `linkerd.io/inject` into effect: an admission policy, annotated namespaces, or nothing. */
export type InjectionMode = "policy" | "namespace" | "off";

/** All values of {@link InjectionMode}. */
export const INJECTION_MODES = ["policy", "namespace", "off"] as const satisfies readonly InjectionMode[];

/** The registry to which Linkerd publishes its images. */
export const DEFAULT_IMAGE_REGISTRY = "cr.l5d.io/linkerd";

/** The address that the network validator connects to by default (linkerd2, `_network-validator.tpl`). */
export const DEFAULT_NETWORK_VALIDATOR_ADDRESS = "1.1.1.1:20001";

/** Settings of a mesh. Those that are not Inputs state why. */
export interface MeshSettings {
  /**
   * Upstream's `values-ha.yaml`: replicas on separate nodes, disruption budgets, and no pod that starts unmeshed.
   * Needs three nodes. Plain, because it selects a preset of values, all of which an Output would make unknown in
   * previews.
   * @default false
   */
  highAvailability?: boolean | undefined;
  /**
   * Replicas of each workload of the control plane, and of viz's tap. 0 means the default.
   * @default 3 with high availability, else 1
   */
  replicas?: pulumi.Input<number> | undefined;
  /**
   * Registry and path of every image, e.g. `registry.corp.example/linkerd`. It must also hold viz's Prometheus, as
   * `prometheus`, unless `extraValues.viz.prometheus.image.registry` is another registry and path.
   * @default "cr.l5d.io/linkerd", and Prometheus from `prom`
   */
  imageRegistry?: pulumi.Input<string> | undefined;
  /**
   * Names of the Secrets that hold the registry's credentials, in the namespaces of the mesh. The proxy of a
   * workload is pulled with the pull secrets of its own pod.
   * @default none
   */
  imagePullSecrets?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /** Settings of every proxy: resources, log level, kind of sidecar. @default the chart's */
  proxy?: ProxySettings | undefined;
  /** Who may connect to a meshed pod for which no policy exists. @default "all-unauthenticated" */
  defaultInboundPolicy?: pulumi.Input<InboundPolicy> | undefined;
  /** Ports that proxies skip or treat as opaque. @default { skipSmtp: true } */
  ports?: PortSettings | undefined;
  /**
   * Configure the network of meshed pods with a CNI plugin on each node, so that no pod needs privileges. Plain,
   * because it decides which resources exist.
   * @default false
   */
  cni?: boolean | undefined;
  /**
   * How the label `linkerd.io/inject` takes effect. `policy`: on any pod, by an admission policy, on Kubernetes 1.36
   * and newer. `namespace`: on pods in namespaces that have the annotation `linkerd.io/inject: enabled`. `off`: only
   * Linkerd's own annotation injects. Plain, because it decides which resources exist.
   * @default "policy"
   */
  injection?: InjectionMode | undefined;
  /**
   * Report the mesh's existence and version to the Linkerd project once a day. Plain, because it decides which
   * resources exist.
   * @default true
   */
  heartbeat?: boolean | undefined;
  /**
   * `<address>:<port>` that the network validator of the CNI plugin connects to. It must be routed out of the pod;
   * nothing needs to answer.
   * @default "1.1.1.1:20001"
   */
  networkValidatorAddress?: pulumi.Input<string> | undefined;
  /** Who may reach viz's dashboard. @default {}: only `kubectl port-forward`, so `linkerd viz dashboard` */
  vizAccess?: VizAccessSettings | undefined;
  /** What tap shows, and to whom. @default {} */
  tap?: TapSettings | undefined;
  /** Dashboards, alerts, and the Prometheus and Grafana that they are for. @default dashboards and alerts are on */
  monitoring?: MonitoringSettings | undefined;
  /**
   * Values for each chart that no setting covers, merged last. Leaves may be Outputs. Objects are plain, because their
   * keys are checked before anything is registered.
   * @default none
   */
  extraValues?: ExtraValues | undefined;
}

/** The number of replicas to set: the one given, else the preset of high availability, else the chart's default. */
export function replicasOrPreset(
  { replicas, highAvailability = false }: MeshSettings,
  preset: number,
): pulumi.Input<number | undefined> {
  return mapInput(replicas, (given?: number) => given || (highAvailability ? preset : undefined));
}
