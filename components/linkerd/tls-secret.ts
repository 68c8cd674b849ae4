/** Private keys reach the cluster in Secrets of our own, never in Helm values, which Helm keeps for ever. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { certificateSpec, type FromCertManager } from "../certificates/cert-manager.ts";

/** A certificate and key that are at hand, or that cert-manager makes. */
type Source =
  | { certPem: pulumi.Input<string>; privateKeyPem: pulumi.Input<string>; caPem?: pulumi.Input<string> }
  | FromCertManager;

/** What Linkerd's chart mounts and who it is for. */
interface SecretTarget {
  /** Name of the Secret, as the chart has it. */
  secretName: string;
  namespace: pulumi.Input<string>;
  /** Name of cert-manager's Certificate. */
  certificateName: string;
  dnsName: pulumi.Input<string>;
  isCa: boolean;
}

/**
 * What brings the `kubernetes.io/tls` Secret into being that Linkerd's chart mounts: the Secret itself (with
 * `caPem` as `ca.crt`), cert-manager's Certificate for it, or nothing where that is somebody else's.
 */
export function tlsSecret(
  name: string,
  target: SecretTarget,
  source: Source,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const { secretName, namespace } = target;
  if ("certPem" in source) {
    const stringData = {
      "tls.crt": source.certPem,
      "tls.key": source.privateKeyPem,
      ...(source.caPem === undefined ? {} : { "ca.crt": source.caPem }),
    };
    const metadata = { name: secretName, namespace };
    // Kubernetes changes no Secret's type: one that a chart made as another (linkerd2, identity.yaml) would be replaced.
    const keepingType = { ...opts, ignoreChanges: ["type"] };
    return [new k8s.core.v1.Secret(name, { metadata, type: "kubernetes.io/tls", stringData }, keepingType)];
  }
  if (!source.request) return [];
  const { clusterIssuer, hours } = source.request;
  const spec = certificateSpec({
    ...target,
    hours,
    clusterIssuer,
  });
  const metadata = { name: target.certificateName, namespace };
  return [
    new k8s.apiextensions.CustomResource(
      name,
      { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata, spec },
      opts,
    ),
  ];
}
