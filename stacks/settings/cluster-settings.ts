/** Settings that describe the cluster: namespaces, domains and networks. */
import { z } from "zod";
import { dnsDomain, dnsLabel, setting } from "./common-schemas.ts";

// Linkerd's own default: the private ranges of RFC 1918, RFC 6598 and RFC 4193 (linkerd-control-plane, values.yaml).
const DEFAULT_CLUSTER_NETWORKS = [
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "fd00::/8",
];

/** The settings with their defaults. */
export const clusterShape = {
  namespace: setting(dnsLabel.default("linkerd"), {
    description: "Namespace of the control plane. The program creates and labels it.",
    table: "cluster",
    chartValues: { viz: ["linkerdNamespace"] },
  }),
  vizNamespace: setting(dnsLabel.default("linkerd-viz"), {
    description: "Namespace of the viz extension. The program creates and labels it.",
    table: "cluster",
    // The chart's Job would label the namespace.
    chartValues: { viz: ["createNamespaceMetadataJob"] },
  }),
  clusterDomain: setting(dnsDomain.default("cluster.local"), {
    description: "DNS domain of the cluster.",
    table: "cluster",
    chartValues: { controlPlane: ["clusterDomain"], viz: ["clusterDomain"] },
  }),
  trustDomain: setting(dnsDomain.default("cluster.local"), {
    description: "Trust domain of the mesh's identities. It can't be changed on a running mesh.",
    table: "cluster",
    chartValues: { controlPlane: ["identityTrustDomain"], viz: ["identityTrustDomain"] },
  }),
  clusterNetworks: setting(
    z
      .array(
        z.union([z.cidrv4(), z.cidrv6()], 'must be a CIDR, e.g. "10.0.0.0/8"'),
        'must be a list of CIDRs, e.g. ["10.0.0.0/8"]',
      )
      .min(1, "must be a list with at least one CIDR")
      .default(DEFAULT_CLUSTER_NETWORKS),
    {
      description:
        "CIDRs that contain the address of every node, pod and Service. `linkerd check` verifies them.",
      table: "cluster",
      defaultText: "the private ranges",
      chartValues: { controlPlane: ["clusterNetworks"] },
    },
  ),
};
