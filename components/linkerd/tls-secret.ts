/** Private keys reach the cluster in Secrets of our own, never in Helm values, which Helm keeps for ever. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ServingCertificate } from "../certificates/webhook-certificates.ts";

/** A `kubernetes.io/tls` Secret with the name that Linkerd's chart mounts. `caPem` is added as `ca.crt`. */
export function tlsSecret(
  name: string,
  metadata: { name: string; namespace: pulumi.Input<string> },
  pair: { certPem: pulumi.Input<string>; privateKeyPem: pulumi.Input<string>; caPem?: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret {
  const stringData = {
    "tls.crt": pair.certPem,
    "tls.key": pair.privateKeyPem,
    ...(pair.caPem === undefined ? {} : { "ca.crt": pair.caPem }),
  };
  return new k8s.core.v1.Secret(name, { metadata, type: "kubernetes.io/tls", stringData }, opts);
}

/**
 * Values that make a chart use the Secret above for a server. Without `caBundle` it would publish an
 * authority that it generates itself, which signed nothing (linkerd2, `*-rbac.yaml` of both charts).
 */
export function externalServingCertificate(certificate: ServingCertificate) {
  return { externalSecret: true, caBundle: certificate.caPem };
}
