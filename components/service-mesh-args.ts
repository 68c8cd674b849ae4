import type * as pulumi from "@pulumi/pulumi";
import type { MeshCertificates } from "./certificates/certificate-options.ts";
import type { DeployedTrust } from "./certificates/rotation.ts";
import type { LinkerdCharts } from "./linkerd/charts/charts.ts";
import type { NamespaceOwnership } from "./linkerd/namespaces.ts";
import type { MeshSettings } from "./linkerd/values/mesh-settings.ts";

/** Arguments of `ServiceMesh`. Every argument has a default that suits a private cluster. */
export interface ServiceMeshArgs extends MeshSettings, NamespaceOwnership {
  /**
   * Versions and sources of Linkerd's charts. Plain, because the version decides which values a chart has, and Helm
   * locates the chart with the source.
   * @default the version that this release was tested with, from Linkerd's repository
   */
  charts?: LinkerdCharts | undefined;
  /**
   * Namespace of the control plane. Plain, because certificates are checked against it before anything is registered.
   * @default "linkerd"
   */
  namespace?: string | undefined;
  /**
   * Namespace of the viz extension. Plain, because certificates are checked against it before anything is registered.
   * @default "linkerd-viz"
   */
  vizNamespace?: string | undefined;
  /** DNS domain of the cluster. Plain, because it is the default of `trustDomain`. @default "cluster.local" */
  clusterDomain?: string | undefined;
  /**
   * Trust domain of the mesh's identities. It must not change while the mesh runs. Plain, because certificates are
   * checked against it before anything is registered.
   * @default the cluster domain
   */
  trustDomain?: string | undefined;
  /**
   * CIDRs that contain the addresses of all nodes, pods and Services.
   * @default the chart's: the private ranges of RFC 1918, RFC 6598 and RFC 4193
   */
  clusterNetworks?: pulumi.Input<pulumi.Input<string>[]> | undefined;
  /**
   * Certificates that are generated, provided by you, or managed by cert-manager. The options are plain, because they
   * decide which resources exist; provided PEM texts may be Outputs.
   * @default { mode: "generated" }, valid for 100 years
   */
  certificates?: MeshCertificates | undefined;
  /**
   * The trust that the last deployment left, from `await readDeployedTrust(name)`. With it, a change that breaks
   * connections between proxies is an error: a replaced trust anchor, or a skipped rotation step. Plain, because it is
   * compared before anything is registered.
   * @default none: no change of certificates is an error
   */
  deployed?: DeployedTrust | undefined;
  /** Also install the Gateway API's CRDs. Turn it off if the cluster has them. @default true */
  installGatewayApi?: pulumi.Input<boolean> | undefined;
  /**
   * Keep Linkerd's CRDs, and with them all policies in the cluster, when the mesh is deleted. Plain, because it is a
   * resource option.
   * @default true
   */
  keepCrds?: boolean | undefined;
  /** Install the viz extension with its dashboard. Plain, because it decides which resources exist. @default true */
  viz?: boolean | undefined;
}
