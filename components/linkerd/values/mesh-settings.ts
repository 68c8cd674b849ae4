/** What a mesh can be set to, beyond its names and certificates. Every setting has a default. */
import type { ExtraValues } from "./extra-values.ts";
import type { PortSettings } from "./ports.ts";
import type { ProxySettings } from "./proxy.ts";

/** Who may talk to a meshed pod that no policy names (linkerd.io, "Authorization Policy"). */
export const INBOUND_POLICIES = [
  "all-unauthenticated",
  "all-authenticated",
  "cluster-unauthenticated",
  "cluster-authenticated",
  "deny",
  "audit",
] as const;

/** What makes the label `linkerd.io/inject` count: an admission policy, annotated namespaces, or nothing. */
export const INJECTION_MODES = ["policy", "namespace", "off"] as const;

/** Where Linkerd's makers publish their images. */
export const DEFAULT_IMAGE_REGISTRY = "cr.l5d.io/linkerd";

/** What the network validator dials where nothing is said (linkerd2, `_network-validator.tpl`). */
export const DEFAULT_NETWORK_VALIDATOR_ADDRESS = "1.1.1.1:20001";

export interface MeshSettings {
  /** Upstream's `values-ha.yaml`, which needs three nodes: replicas apart, budgets, no pod that starts unmeshed. @default false */
  highAvailability?: boolean | undefined;
  /** Replicas of each workload of the control plane, and of viz' tap. @default 3 with high availability, else 1; so is 0 */
  replicas?: number | undefined;
  /**
   * Registry and path before the name of every image, e.g. `registry.corp.example/linkerd`; viz' Prometheus
   * is expected there too, as `prometheus`. @default {@link DEFAULT_IMAGE_REGISTRY}, and Prometheus from `prom`
   */
  imageRegistry?: string | undefined;
  /**
   * Names of Secrets with the registry's password, in the mesh's own namespaces. A workload's proxy is pulled
   * with the secrets of its own pod. @default none
   */
  imagePullSecrets?: string[] | undefined;
  /** Every proxy: resources, log level, kind of sidecar. @default the chart's */
  proxy?: ProxySettings | undefined;
  /** Who may talk to a meshed pod that no policy names. @default "all-unauthenticated" */
  defaultInboundPolicy?: (typeof INBOUND_POLICIES)[number] | undefined;
  /** Ports that the mesh leaves alone, or does not read. @default { skipSmtp: true } */
  ports?: PortSettings | undefined;
  /** Set up pods' networks by a CNI plugin on each node, so that no pod needs privileges. @default false */
  cni?: boolean | undefined;
  /**
   * `policy`: by the label alone, on Kubernetes 1.36 and newer. `namespace`: by the label, in namespaces that
   * bear the annotation `linkerd.io/inject: enabled`. `off`: by Linkerd's own annotation only.
   * @default "policy"
   */
  injection?: (typeof INJECTION_MODES)[number] | undefined;
  /** Tell Linkerd's makers once a day that there is a mesh, and its version. @default true */
  heartbeat?: boolean | undefined;
  /**
   * `<address>:<port>` that the CNI's validator dials; it must be routed out of the pod, nobody has to answer.
   * @default {@link DEFAULT_NETWORK_VALIDATOR_ADDRESS}
   */
  networkValidatorAddress?: string | undefined;
  /** Values for each chart that no setting covers, merged last. @default none */
  extraValues?: ExtraValues | undefined;
}
