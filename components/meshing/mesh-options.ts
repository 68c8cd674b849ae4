/** What a workload wants of the mesh, in words of the mesh and not of its annotations. */
import type * as pulumi from "@pulumi/pulumi";
import type { MeshPorts } from "../linkerd/values/ports.ts";

/** A port number, a range `"4000-4010"`, or the name of a port of the workload's containers. */
export type PortItem = number | string;

/** A list of ports, Outputs anywhere. It is added to the mesh's own list, never put in its place. */
export type PortList = pulumi.Input<pulumi.Input<PortItem>[]>;

/** The sidecar itself. What is not given stays as the mesh has it. */
export interface ProxyOptions {
  /** CPU the proxy requests, a Kubernetes quantity, e.g. `"100m"`. */
  cpuRequest?: pulumi.Input<string> | undefined;
  /** CPU the proxy may use, e.g. `"1"`. Also sets its number of worker threads. */
  cpuLimit?: pulumi.Input<string> | undefined;
  /** Memory the proxy requests, e.g. `"64Mi"`. */
  memoryRequest?: pulumi.Input<string> | undefined;
  /** Memory the proxy may use, e.g. `"250Mi"`. */
  memoryLimit?: pulumi.Input<string> | undefined;
  /** The proxy's log filter, e.g. `"warn,linkerd=debug"`. */
  logLevel?: pulumi.Input<string> | undefined;
  /** How the proxy writes its log. */
  logFormat?: pulumi.Input<"plain" | "json"> | undefined;
  /** A line per request, in this format. */
  accessLog?: pulumi.Input<"apache" | "json"> | undefined;
}

/**
 * The mesh that a workload belongs to: a `ServiceMesh` of the same program, or a `MeshReference` to that of
 * another stack.
 */
export interface MeshRef {
  /** Linkerd's version, e.g. `edge-26.8.3`. */
  readonly linkerdVersion: pulumi.Input<string>;
  /** SHA-256 of the bundle of trust anchors, lower-case hex; nothing where others manage the bundle. */
  readonly trustBundleSha256: pulumi.Input<string> | undefined;
  /** Its port lists, which those of a workload are added to. @default Linkerd's own, and mail skipped outbound */
  readonly ports?: pulumi.Input<MeshPorts> | undefined;
}

/** What a workload wants of the mesh. What is not given stays as the mesh has it. */
export interface MeshOptions {
  /** `enabled`, `ingress` for ingress controllers, or `disabled`. @default "enabled" */
  inject?: pulumi.Input<"enabled" | "ingress" | "disabled"> | undefined;
  /** Ports of others that this workload calls past its proxy, besides the mesh's own and those of mail. */
  skipOutboundPorts?: PortList | undefined;
  /** Ports of this workload that are reached past its proxy, besides the mesh's own. */
  skipInboundPorts?: PortList | undefined;
  /** Ports whose bytes are carried as they are, e.g. of databases, besides the mesh's own. */
  opaquePorts?: PortList | undefined;
  /**
   * Whether mail (ports 25, 465, 587, 2525) leaves past the proxy. Not given: as the mesh has it, which is
   * so for a mesh of this project; `true` says so on the pod too, for any mesh; `false` sends mail through
   * the proxy, where ports that are not opaque wait for protocol detection, 10 s a connection.
   */
  skipSmtp?: pulumi.Input<boolean> | undefined;
  /** Whether the application starts only once the proxy is ready. */
  proxyAwait?: pulumi.Input<boolean> | undefined;
  /** How long the proxy lets open connections finish when the pod ends, e.g. `"30s"` or `"1m30s"`. */
  shutdownGracePeriod?: pulumi.Input<string> | undefined;
  /** Whether the proxy is a native sidecar, which starts first and ends last. Jobs are given `true`. */
  nativeSidecar?: pulumi.Input<boolean> | undefined;
  /** The sidecar's resources and logs. */
  proxy?: ProxyOptions | undefined;
  /**
   * The mesh the pods belong to: they then roll when its version or its trust anchors change, so that no pod
   * keeps an old proxy or an old root; but for those of Jobs, CronJobs and bare Pods. Its port lists are those that
   * this workload's are added to. Not given, nothing rolls, and the mesh's lists are taken to be the defaults.
   */
  ref?: MeshRef | undefined;
}
