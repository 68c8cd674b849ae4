/**
 * The two namespaces. Linkerd's charts render theirs for Linkerd's own CLI only, never for Helm, so what
 * they would say is said here (linkerd2, templates/namespace.yaml of both charts).
 */
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

// The init container sets up iptables, which takes privileges that the other levels refuse.
const POD_SECURITY = { "pod-security.kubernetes.io/enforce": "privileged" };

/** The control plane's own namespace: nothing in it is injected by its own webhook. */
export function controlPlaneNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = pulumi.output(namespace).apply((ns) => ({
    "linkerd.io/is-control-plane": "true",
    "linkerd.io/control-plane-ns": ns,
    "config.linkerd.io/admission-webhooks": "disabled",
    ...POD_SECURITY,
  }));
  const annotations = { "linkerd.io/inject": "disabled" };
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels, annotations } }, opts);
}

/** The namespace of the viz extension. `linkerd check` finds it by its label. */
export function vizNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Namespace {
  const labels = { "linkerd.io/extension": "viz", ...POD_SECURITY };
  return new k8s.core.v1.Namespace(name, { metadata: { name: namespace, labels } }, opts);
}
