/** Private keys reach the cluster in Secrets of this program, never in Helm values, which Helm keeps in the cluster. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { certificateSpec, type FromCertManager } from "../certificates/cert-manager.ts";

/** A certificate with its key, or a certificate that cert-manager issues. */
type Source =
  | { certPem: pulumi.Input<string>; privateKeyPem: pulumi.Input<string>; caPem?: pulumi.Input<string> }
  | FromCertManager;

/** The Secret that Linkerd's chart mounts, and the name that its certificate is issued for. */
interface SecretTarget {
  /** Name of the Secret, as in the chart. */
  secretName: string;
  namespace: pulumi.Input<string>;
  /** Name of cert-manager's Certificate. */
  certificateName: string;
  dnsName: pulumi.Input<string>;
  isCa: boolean;
}

/**
 * The resource that provides a `kubernetes.io/tls` Secret for one of Linkerd's charts: the Secret, or the Certificate
 * from which cert-manager creates it.
 */
export type TlsSecret = k8s.core.v1.Secret | k8s.apiextensions.CustomResource;

/**
 * Creates the resource that provides the Secret. The Secret has `caPem` as `ca.crt`. Returns `undefined` if neither
 * the certificate nor a request for one is given: someone else creates the Secret.
 */
export function createTlsSecret(
  name: string,
  target: SecretTarget,
  source: Source,
  opts: pulumi.CustomResourceOptions,
): TlsSecret | undefined {
  const { secretName, namespace } = target;
  if ("certPem" in source) {
    const stringData = {
      "tls.crt": source.certPem,
      "tls.key": source.privateKeyPem,
      ...(source.caPem === undefined ? {} : { "ca.crt": source.caPem }),
    };
    const metadata = { name: secretName, namespace };
    // The type of a Secret is immutable. A Secret that a chart created with another type (linkerd2, identity.yaml)
    // would be replaced.
    const keepingType = { ...opts, ignoreChanges: ["type"] };
    return new k8s.core.v1.Secret(name, { metadata, type: "kubernetes.io/tls", stringData }, keepingType);
  }
  if (!source.request) return undefined;
  const { clusterIssuer, hours } = source.request;
  const spec = certificateSpec({ ...target, hours, clusterIssuer });
  const metadata = { name: target.certificateName, namespace };
  return new k8s.apiextensions.CustomResource(
    name,
    { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata, spec },
    opts,
  );
}
