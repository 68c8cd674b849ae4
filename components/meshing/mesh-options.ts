/** Options that mesh a workload or a namespace. Each one that is set writes an annotation that Linkerd reads. */
import type * as pulumi from "@pulumi/pulumi";
import type { InboundPolicy } from "../linkerd/values/mesh-settings.ts";
import type { MeshPorts } from "../linkerd/values/ports.ts";

/** A port number, a range such as `"4000-4010"`, or the name of a port of the workload's containers. */
export type PortItem = number | string;

/**
 * A list of ports. The list and each item may be an Output. Linkerd's annotation replaces the list of the mesh, so the
 * annotation that is written is the union of both.
 */
export type PortList = pulumi.Input<pulumi.Input<PortItem>[]>;

/** Resources and logs of the proxy container. A field that is not set writes nothing, so the mesh's value applies. */
export interface ProxyOptions {
  /**
   * CPU that the proxy requests, a Kubernetes quantity, e.g. `"100m"`.
   * Writes `config.linkerd.io/proxy-cpu-request`. @default the mesh's
   */
  cpuRequest?: pulumi.Input<string> | undefined;
  /**
   * CPU that the proxy may use at most, a Kubernetes quantity, e.g. `"1"`. Linkerd also derives the proxy's number of
   * worker threads from it. Writes `config.linkerd.io/proxy-cpu-limit`. @default the mesh's
   */
  cpuLimit?: pulumi.Input<string> | undefined;
  /**
   * Memory that the proxy requests, a Kubernetes quantity, e.g. `"64Mi"`.
   * Writes `config.linkerd.io/proxy-memory-request`. @default the mesh's
   */
  memoryRequest?: pulumi.Input<string> | undefined;
  /**
   * Memory that the proxy may use at most, a Kubernetes quantity, e.g. `"250Mi"`.
   * Writes `config.linkerd.io/proxy-memory-limit`. @default the mesh's
   */
  memoryLimit?: pulumi.Input<string> | undefined;
  /**
   * Log level of the proxy, one or more directives, e.g. `"warn,linkerd=debug"`.
   * Writes `config.linkerd.io/proxy-log-level`. @default the mesh's
   */
  logLevel?: pulumi.Input<string> | undefined;
  /** Log format of the proxy. Writes `config.linkerd.io/proxy-log-format`. @default the mesh's; `plain` in the chart */
  logFormat?: pulumi.Input<"plain" | "json"> | undefined;
  /**
   * Log each HTTP request: `apache` in the Common Log Format, `json` as a JSON object.
   * Writes `config.linkerd.io/access-log`. @default the mesh's; no access log in the chart
   */
  accessLog?: pulumi.Input<"apache" | "json"> | undefined;
}

/**
 * The mesh that pods belong to: a `ServiceMesh` of the same program, or a `MeshReference` to the mesh of another stack.
 * All fields without a default must be present.
 */
export interface MeshRef {
  /**
   * Version of Linkerd, e.g. `edge-26.8.3`. Written to the pod template as `linkerd-mesh/linkerd-version`, so that pods
   * restart when it changes.
   */
  readonly linkerdVersion: pulumi.Input<string>;
  /**
   * SHA-256 of the trust bundle, lower-case hexadecimal. Written to the pod template as
   * `linkerd-mesh/trust-bundle-sha256`, so that pods restart when it changes: a proxy keeps the trust anchors that it
   * started with. `undefined` or `""` where this project does not manage the bundle.
   */
  readonly trustBundleSha256: pulumi.Input<string> | undefined;
  /**
   * Port lists of the mesh. The lists of a workload are added to them.
   * @default Linkerd's defaults, plus SMTP in `skipOutbound`
   */
  readonly ports?: pulumi.Input<MeshPorts> | undefined;
  /**
   * Default inbound policy of the mesh. A workload whose probes or hooks it denies is reported. `undefined` where it is
   * not known, as for a mesh stack that an older release updated last.
   * @default none: probes and hooks are checked against `allowFrom` only
   */
  readonly defaultInboundPolicy?: pulumi.Input<InboundPolicy | undefined> | undefined;
}

/**
 * How a workload, or every pod of a namespace, is meshed. Each field writes one of Linkerd's proxy configuration
 * annotations (https://linkerd.io/2/reference/proxy-configuration/). A field that is not set writes nothing, so the
 * mesh's value applies.
 *
 * An annotation that the caller's metadata already has takes precedence over a field, with a warning if the two differ.
 */
export interface MeshOptions {
  /**
   * Proxy injection: `enabled`, `ingress` for an ingress controller in Linkerd's ingress mode, or `disabled`. Writes the
   * annotation and the label `linkerd.io/inject`. With `disabled`, no other field writes anything.
   * @default "enabled"
   */
  inject?: pulumi.Input<"enabled" | "ingress" | "disabled"> | undefined;
  /**
   * Outbound ports that skip the proxy: connections of this workload to them go directly to their destination.
   * Writes `config.linkerd.io/skip-outbound-ports`, the union with the mesh's list.
   * @default the mesh's: SMTP (25, 465, 587, 2525), 4567, 4568 and its own
   */
  skipOutboundPorts?: PortList | undefined;
  /**
   * Inbound ports that skip the proxy: connections to them go directly to the application, without mTLS or
   * authorization. Writes `config.linkerd.io/skip-inbound-ports`, the union with the mesh's list.
   * @default the mesh's: 4567, 4568 and its own
   */
  skipInboundPorts?: PortList | undefined;
  /**
   * Opaque ports: the proxy skips protocol detection and forwards plain TCP, e.g. for databases, still with mTLS.
   * Writes `config.linkerd.io/opaque-ports`, the union with the mesh's list. A port that skips the proxy inbound is an
   * error. Container ports that serve mail, by their number, name (`smtp`, `submission`) or Service port, are added.
   * @default the mesh's: SMTP (25, 465, 587, 2525), 3306, 4444, 5432, 6379, 9300, 11211 and its own
   */
  opaquePorts?: PortList | undefined;
  /**
   * Whether outbound SMTP (ports 25, 465, 587 and 2525) skips the proxy. `true` adds these ports to the mesh's
   * `config.linkerd.io/skip-outbound-ports`, `false` removes them; ports in `skipOutboundPorts` are skipped in both
   * cases. If SMTP goes through the proxy, each connection to a port that is not opaque waits 10 s for protocol
   * detection, because an SMTP server speaks first.
   * @default the mesh's: `true`, unless the mesh sets `ports.skipSmtp` to `false`
   */
  skipSmtp?: pulumi.Input<boolean> | undefined;
  /**
   * Whether the application containers wait until the proxy is ready before they start.
   * Writes `config.linkerd.io/proxy-await`. @default the mesh's; `true` in the chart
   */
  proxyAwait?: pulumi.Input<boolean> | undefined;
  /**
   * Time that open connections have to complete when the proxy shuts down, a Go duration without days, e.g. `"30s"` or
   * `"1m30s"`. After it, the proxy closes them. Writes `config.linkerd.io/shutdown-grace-period`. @default the mesh's
   */
  shutdownGracePeriod?: pulumi.Input<string> | undefined;
  /**
   * Run the proxy as a native sidecar: it starts before the application containers and stops after them. Writes
   * `config.linkerd.io/proxy-enable-native-sidecar`, and its beta and alpha names, which older injectors read.
   * @default the mesh's, `true` in the chart since 2.20; `true` for Jobs and CronJobs, which otherwise never complete
   */
  nativeSidecar?: pulumi.Input<boolean> | undefined;
  /** Resources and logs of the proxy container. @default the mesh's */
  proxy?: ProxyOptions | undefined;
  /**
   * The mesh that the pods belong to. The pods of a Deployment, StatefulSet or DaemonSet restart when the version or the
   * trust anchors of this mesh change, so that none of them keeps an outdated proxy or trust root. Jobs, CronJobs, bare
   * Pods and namespaces use its port lists only.
   * @default none: nothing restarts, and the port lists of the mesh are assumed to be the defaults
   */
  ref?: MeshRef | undefined;
}
